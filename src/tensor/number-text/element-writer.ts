import type { TextTarget } from "./write-digits.ts";

/** Elements of 256 values, or 256 a channel. */
export interface TableElements {
  /** One byte an element. */
  readonly bytes: Uint8Array;
  /** Tables of 256 texts, taken in turns of `run` elements. */
  readonly channels: number;
  readonly run: number;
  /** Bytes that a text takes at most, 15 or less. */
  readonly width: number;
  /** Writes what `byte` stands for in `channel`; returns where the next byte goes. */
  writeEntry(target: TextTarget, at: number, channel: number, byte: number): number;
}

/** FP32 elements. */
export interface FloatElements {
  readonly data: Float32Array;
  /** `255.0` for whole numbers instead of `255`. */
  readonly pointed: boolean;
  /** Writes element `index`, 15 bytes at most; returns where the next byte goes. */
  writeElement(target: TextTarget, at: number, index: number): number;
}

/** Writes a tensor's elements as JSON text. */
export interface ElementWriter {
  /** What is written, where the kernel of kernel/text-kernel.ts can write it. */
  readonly elements?: TableElements | FloatElements;
  /** Bytes behind the last element that `write` may spoil. */
  readonly slack: number;
  /** Bytes that `count` elements from `from` on take at most, a comma for each. */
  size(from: number, count: number): number;
  /**
   * Writes `rows` arrays of `size` elements each, from element `from` on, without the outer brackets: `1,2],[3,4`. Returns
   * where the next byte goes.
   */
  write(target: TextTarget, at: number, from: number, size: number, rows: number): number;
}

/** Writes what stands between two rows. */
export function writeRowBreak({ bytes }: TextTarget, at: number): number {
  bytes[at] = 0x5d;
  bytes[at + 1] = 0x2c;
  bytes[at + 2] = 0x5b;
  return at + 3;
}
