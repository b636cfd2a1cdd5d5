import { InferenceError } from "../../errors.ts";
import { type AlignedText, createTextBuilder } from "./aligned-text.ts";

/**
 * SentencePiece's compiled table of replacements: a double-array trie of UTF-8 strings and a pool of texts that end in 0
 * (SentencePiece, normalizer.cc; Hugging Face's crate spm_precompiled reads it the same way).
 * @throws InferenceError invalid_argument when the sizes in it do not fit.
 */
export function createPrecompiled(charsmap: string): (text: AlignedText) => AlignedText {
  const bytes = Buffer.from(charsmap, "base64");
  const trieSize = bytes.length < 4 ? -1 : bytes.readUInt32LE(0);
  if (trieSize < 4 || trieSize % 4 !== 0 || 4 + trieSize > bytes.length) {
    throw new InferenceError("tokenizer.json: normalizer.precompiled_charsmap: the size of its trie does not fit");
  }
  const units = Uint32Array.from({ length: trieSize / 4 }, (_, index) => bytes.readUInt32LE(4 + index * 4));
  const pool = bytes.subarray(4 + trieSize);

  /** The text for the shortest entry that `chunk` begins with: the crate takes the first result of its prefix search. */
  const transform = (chunk: string): string | undefined => {
    let node = offset(units[0] ?? 0);
    for (const byte of Buffer.from(chunk)) {
      if (byte === 0) return undefined;
      node ^= byte;
      const unit = units[node] ?? 0;
      if ((unit & 0x800000ff) >>> 0 !== byte) return undefined;
      node ^= offset(unit);
      if (((unit >>> 8) & 1) === 1) {
        const from = (units[node] ?? 0) & 0x7fffffff;
        return pool.toString("utf8", from, pool.indexOf(0, from));
      }
    }
    return undefined;
  };

  const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
  return (text) => {
    const builder = createTextBuilder(text);
    let index = 0;
    for (const { segment } of segmenter.segment(text.chars.join(""))) {
      const chars = Array.from(segment);
      const whole = Buffer.byteLength(segment) < 6 ? transform(segment) : undefined;
      if (whole !== undefined) addReplacement(builder.add, whole, index, chars.length);
      else for (const [place, char] of chars.entries()) builder.add(transform(char) ?? char, index + place);
      index += chars.length;
    }
    return builder.text;
  };
}

/** Code point for code point; what is longer stands for the last one. */
function addReplacement(
  add: (chars: string, first: number) => void,
  replacement: string,
  index: number,
  length: number,
): void {
  let place = 0;
  for (const char of replacement) add(char, index + Math.min(place++, length - 1));
}

function offset(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
