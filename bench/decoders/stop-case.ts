import { Buffer } from "node:buffer";

/** One decoder on one kind of input. */
export interface StopCase {
  readonly name: string;
  /** Bytes at most, where that is less than a body. */
  readonly most?: number;
  /** Gives way to others in between. */
  readonly yields?: boolean;
  make(bytes: number): Buffer;
  run(input: Buffer): unknown;
}

/** node:http's, and `max_header_bytes`. */
export const HEADERS = 64 * 1024;
/** Whole pieces: half a group of base64 or half an escape at the end would be refused at a glance. */
export const repeated = (head: string, piece: string, tail: string) => (bytes: number) => {
  const count = Math.max(1, Math.floor((bytes - head.length - tail.length) / piece.length));
  return Buffer.concat([Buffer.from(head), Buffer.alloc(count * piece.length, piece), Buffer.from(tail)]);
};
/** A list of whole pieces with commas between. */
export const listed = (head: string, piece: string, tail: string) => (bytes: number) => {
  const count = Math.max(1, Math.floor((bytes - head.length - tail.length) / (piece.length + 1)));
  return Buffer.from(`${head}${`${piece},`.repeat(count - 1)}${piece}${tail}`);
};
