import type { TruncationOptions } from "./truncation.ts";

export interface EncodeOptions {
  /** The second text of a pair. */
  readonly pair?: string | undefined;
  /** @default true */
  readonly specialTokens?: boolean;
  readonly truncation?: TruncationOptions | undefined;
}

/** A token of an encoding. */
export interface EncodedToken {
  readonly id: number;
  readonly token: string;
  readonly typeId: number;
  /** Code points of the text that it came from, end exclusive; [0, 0] for special tokens and padding. */
  readonly offsets: readonly [start: number, end: number];
  /** Place of its word among the words of its text; undefined for special tokens and padding. */
  readonly wordId: number | undefined;
  /** 0 for the text, 1 for its pair; undefined for special tokens and padding. */
  readonly sequence: 0 | 1 | undefined;
  /** 0 for padding. */
  readonly attention: 0 | 1;
}

/** One text or pair of texts as tokens. */
export interface Encoding {
  readonly tokens: readonly EncodedToken[];
  /** What truncation cut off, as further windows that share `stride` tokens with the one before. */
  readonly overflowing: readonly Encoding[];
}
