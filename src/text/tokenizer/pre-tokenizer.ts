import { type AlignedText, mapChars, matchSpans, prependText, type Span, sliceText } from "./aligned-text.ts";
import { encodeByteLevel } from "./byte-level.ts";
import { isNumeric, isPunctuation, isWhitespace } from "./character-classes.ts";
import { compilePattern } from "./pattern.ts";
import type { PreTokenizerConfig, SplitBehavior } from "./tokenizer-json.ts";
import type { TokenizersLibrary } from "./tokenizers-library.ts";

/** Splits a text into the pieces that the model sees one by one. */
export type PreTokenizer = (text: AlignedText) => AlignedText[];

/** The pre-tokenizer of a tokenizer.json, as Hugging Face's Rust library (tokenizers 0.2x) works. */
export function createPreTokenizer(config: PreTokenizerConfig | null, library: TokenizersLibrary): PreTokenizer {
  if (config === null) return (text) => [text];
  switch (config.type) {
    case "Sequence": {
      const steps = config.pretokenizers.map((step) => createPreTokenizer(step, library));
      return (text) => steps.reduce((pieces, step) => pieces.flatMap((piece) => nonEmpty(step(piece))), [text]);
    }
    case "BertPreTokenizer":
      return (text) =>
        split(text, charSpans(text, isWhitespace), "Removed").flatMap((word) =>
          split(word, charSpans(word, isPunctuation), "Isolated"),
        );
    case "Whitespace":
      return (text) => split(text, matchSpans(text, WORDS), "Removed", true);
    case "WhitespaceSplit":
      return (text) => split(text, charSpans(text, isWhitespace), "Removed");
    case "CharDelimiterSplit":
      return (text) =>
        split(
          text,
          charSpans(text, (char) => char === config.delimiter),
          "Removed",
        );
    case "Punctuation":
      return (text) => split(text, charSpans(text, isPunctuation), config.behavior);
    case "Digits":
      return (text) => split(text, charSpans(text, isNumeric), config.individual_digits ? "Isolated" : "Contiguous");
    case "Metaspace":
      return (text) => metaspace(text, config);
    case "ByteLevel":
      return (text) => {
        const prefixed = config.add_prefix_space && text.chars[0] !== " " ? prependText(text, " ") : text;
        const pieces = config.use_regex ? split(prefixed, matchSpans(prefixed, GPT2), "Isolated") : [prefixed];
        return pieces.map(encodeByteLevel);
      };
    case "Split": {
      const pattern = compilePattern(config.pattern, library);
      return (text) => split(text, matchSpans(text, pattern), config.behavior, config.invert);
    }
  }
}

/** `\w+|[^\w\s]+` as the Rust crate regex reads it. */
const WORD = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}`;
const WORDS = new RegExp(String.raw`[${WORD}]+|[^${WORD}\p{White_Space}]+`, "gu");

/** GPT-2's pattern, with Unicode's white space. */
const GPT2 =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

function metaspace(text: AlignedText, config: Extract<PreTokenizerConfig, { type: "Metaspace" }>): AlignedText[] {
  const { replacement, prepend_scheme: scheme } = config;
  const replaced = mapChars(text, (char) => (char === " " ? replacement : char));
  const isFirst = (replaced.starts[0] ?? 0) === 0;
  const prepends = replaced.chars[0] !== replacement && (scheme === "always" || (scheme === "first" && isFirst));
  const prefixed = prepends ? prependText(replaced, replacement) : replaced;
  if (!config.split) return [prefixed];
  return split(
    prefixed,
    charSpans(prefixed, (char) => char === replacement),
    "MergedWithNext",
  );
}

function charSpans(text: AlignedText, isMatch: (char: string) => boolean): Span[] {
  return text.chars.flatMap((char, index) => (isMatch(char) ? [{ from: index, to: index + 1 }] : []));
}

const nonEmpty = (pieces: AlignedText[]): AlignedText[] => pieces.filter(({ chars }) => chars.length > 0);

/** What becomes of matches and of what is between them: Rust's `NormalizedString::split`. */
function split(text: AlignedText, matches: readonly Span[], behavior: SplitBehavior, invert = false): AlignedText[] {
  const parts: (Span & { readonly isMatch: boolean })[] = [];
  let at = 0;
  for (const { from, to } of matches) {
    if (from > at) parts.push({ from: at, to: from, isMatch: invert });
    parts.push({ from, to, isMatch: !invert });
    at = to;
  }
  if (at < text.chars.length) parts.push({ from: at, to: text.chars.length, isMatch: invert });

  const spans: Span[] = [];
  let merges = false;
  for (const [index, part] of parts.entries()) {
    const last = spans.at(-1);
    const before = parts[index - 1];
    const joined =
      behavior === "Contiguous"
        ? part.isMatch === before?.isMatch
        : behavior === "MergedWithPrevious"
          ? part.isMatch && before?.isMatch === false
          : behavior === "MergedWithNext" && merges;
    merges = part.isMatch && behavior === "MergedWithNext";
    if (behavior === "Removed" && part.isMatch) continue;
    // A match that follows a match begins again with MergedWithNext.
    if (joined && last !== undefined && !(behavior === "MergedWithNext" && part.isMatch)) {
      spans[spans.length - 1] = { from: last.from, to: part.to };
    } else spans.push({ from: part.from, to: part.to });
  }
  return nonEmpty(spans.map(({ from, to }) => sliceText(text, from, to)));
}
