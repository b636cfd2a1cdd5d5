import { type AlignedText, createTextBuilder, mapChars, matchSpans, prependText, sliceText } from "./aligned-text.ts";
import { isIdeograph, isMark, isNonspacingMark, isRemovedByBert, isWhitespace } from "./character-classes.ts";
import { compilePattern } from "./pattern.ts";
import { createPrecompiled } from "./precompiled.ts";
import type { NormalizerConfig } from "./tokenizer-json.ts";
import type { TokenizersLibrary } from "./tokenizers-library.ts";
import { normalizeUnicode } from "./unicode-form.ts";

export type Normalizer = (text: AlignedText) => AlignedText;

/** The normalizer of a tokenizer.json, as Hugging Face's Rust library (tokenizers 0.2x) works. */
export function createNormalizer(config: NormalizerConfig | null, library: TokenizersLibrary): Normalizer {
  if (config === null) return (text) => text;
  switch (config.type) {
    case "Sequence": {
      const steps = config.normalizers.map((step) => createNormalizer(step, library));
      return (text) => steps.reduce((before, step) => step(before), text);
    }
    case "BertNormalizer":
      return createBertNormalizer(config);
    case "Lowercase":
      return lowercase;
    case "StripAccents":
      return (text) => mapChars(text, (char) => (isMark(char) ? "" : char));
    case "Nmt":
      return (text) => mapChars(text, nmt);
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD":
      return (text) => normalizeUnicode(text, config.type);
    case "Strip":
      return (text) => strip(text, config.strip_left, config.strip_right);
    case "Replace": {
      const pattern = compilePattern(config.pattern, library);
      return (text) => replace(text, pattern, config.content);
    }
    case "Prepend":
      return (text) => prependText(text, config.prepend);
    case "Precompiled":
      return createPrecompiled(config.precompiled_charsmap);
  }
}

/** Code point by code point, so that a final sigma stays σ, as in Rust's library. */
function lowercase(text: AlignedText): AlignedText {
  return mapChars(text, (char) => char.toLowerCase());
}

function createBertNormalizer(config: Extract<NormalizerConfig, { type: "BertNormalizer" }>): Normalizer {
  const steps: Normalizer[] = [];
  if (config.clean_text) {
    steps.push((text) => mapChars(text, (char) => (isRemovedByBert(char) ? "" : isWhitespace(char) ? " " : char)));
  }
  if (config.handle_chinese_chars) {
    steps.push((text) => mapChars(text, (char) => (isIdeograph(char) ? ` ${char} ` : char)));
  }
  if (config.strip_accents ?? config.lowercase) {
    steps.push((text) => mapChars(normalizeUnicode(text, "NFD"), (char) => (isNonspacingMark(char) ? "" : char)));
  }
  if (config.lowercase) steps.push(lowercase);
  return (text) => steps.reduce((before, step) => step(before), text);
}

/** Cleaning of Google's neural machine translation: controls go, separators and zero-width characters become spaces. */
function nmt(char: string): string {
  if (/^[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]$/.test(char)) return " ";
  return /^\p{Cc}$/u.test(char) && !/^[\0\u0080-\u008e\u0090-\u009e]$/.test(char) ? "" : char;
}

function strip(text: AlignedText, left: boolean, right: boolean): AlignedText {
  let [from, to] = [0, text.chars.length];
  while (left && from < to && isWhitespace(text.chars[from] ?? "")) from++;
  while (right && to > from && isWhitespace(text.chars[to - 1] ?? "")) to--;
  return sliceText(text, from, to);
}

function replace(text: AlignedText, pattern: RegExp, content: string): AlignedText {
  const builder = createTextBuilder(text);
  let at = 0;
  const keepUntil = (end: number) => {
    for (; at < end; at++) builder.add(text.chars[at] ?? "", at);
  };
  for (const { from, to } of matchSpans(text, pattern)) {
    keepUntil(from);
    // The new text stands for the last code point of the old one, as in Rust's library.
    builder.add(content, to - 1);
    at = to;
  }
  keepUntil(text.chars.length);
  return builder.text;
}
