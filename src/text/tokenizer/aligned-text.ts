/**
 * Text on its way through a tokenizer: code points, and for each the range of code points of the original text that it
 * stands for. All lists have the same length.
 */
export interface AlignedText {
  readonly chars: readonly string[];
  readonly starts: readonly number[];
  /** Exclusive. */
  readonly ends: readonly number[];
}

/** The text itself: each code point stands for itself. */
export function alignText(text: string): AlignedText {
  const chars = Array.from(text);
  return { chars, starts: chars.map((_, index) => index), ends: chars.map((_, index) => index + 1) };
}

export function sliceText({ chars, starts, ends }: AlignedText, from: number, to?: number): AlignedText {
  return { chars: chars.slice(from, to), starts: starts.slice(from, to), ends: ends.slice(from, to) };
}

/** Each code point becomes any number of others, which all stand for what it stood for. */
export function mapChars(text: AlignedText, map: (char: string, index: number) => string): AlignedText {
  const builder = createTextBuilder(text);
  text.chars.forEach((char, index) => {
    builder.add(map(char, index), index);
  });
  return builder.text;
}

/** Puts text in front, which stands for what the first code point stands for, as in Rust's `NormalizedString::prepend`. */
export function prependText(text: AlignedText, prefix: string): AlignedText {
  return mapChars(text, (char, index) => (index === 0 ? prefix + char : char));
}

export interface TextBuilder {
  readonly text: AlignedText;
  /** Adds code points that stand for what the one at `index` of the source stands for. */
  add(chars: string, index: number): void;
}

export function createTextBuilder(source: AlignedText): TextBuilder {
  const chars: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  return {
    text: { chars, starts, ends },
    add(added, index) {
      for (const char of added) {
        chars.push(char);
        starts.push(source.starts[index] ?? 0);
        ends.push(source.ends[index] ?? 0);
      }
    },
  };
}

/** A part of a text by code points, `to` exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Where a pattern (flags `gu`) matches; empty matches are left out. */
export function matchSpans(text: AlignedText, pattern: RegExp): Span[] {
  const places: number[] = [];
  text.chars.forEach((char, index) => {
    for (let unit = 0; unit < char.length; unit++) places.push(index);
  });
  places.push(text.chars.length);
  const spans: Span[] = [];
  for (const match of text.chars.join("").matchAll(pattern)) {
    if (match[0] === "") continue;
    spans.push({ from: places[match.index] ?? 0, to: places[match.index + match[0].length] ?? 0 });
  }
  return spans;
}
