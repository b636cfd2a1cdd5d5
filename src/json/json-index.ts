import type { Buffer } from "node:buffer";
import { PIECE } from "../turns.ts";
import {
  assertFewContainers,
  DIGIT,
  endOfNumber,
  type Inspection,
  isOpening,
  KINDS,
  TOKEN,
  tooDeep,
} from "./inspect-json.ts";
import { BACKSLASH, COMMA, QUOTE } from "./json-bytes.ts";
import { jsonError } from "./json-error.ts";

/** An array, object or string of more than a piece. */
export interface LargeValue extends Inspection {
  /** Positions of commas in an array or object, about a piece apart; a large item has one on either side. */
  readonly cuts: readonly number[];
}

/** An array or object that is open. */
interface Level {
  start: number;
  items: number;
  lastComma: number;
  lastCut: number;
  cuts: number[];
}

/**
 * Looks at the array or object that begins at `start` as `inspectJson` does, as far as it is told to, and says where the large values in
 * it end and may be cut.
 */
export class JsonIndex {
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #maxDepth: number;
  readonly #large = new Map<number, LargeValue>();
  readonly #levels: Level[] = [];
  #depth = 0;
  #position: number;
  #containers = 0;
  /** Where the last token stands that `JSON.parse` would not read without loss. */
  #lossy = -1;
  /** Where the open string begins, and from where on its end is looked for. */
  #string = -1;
  #stringFrom = 0;

  constructor(bytes: Buffer, start: number, end: number, maxDepth: number) {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
    this.#maxDepth = maxDepth;
  }

  /** The large value that begins at `start`, if there is one. */
  find(start: number): LargeValue | undefined {
    return this.#large.get(start);
  }

  /**
   * Goes on to `until`; the whole value once its end is found.
   * @throws InferenceError invalid_argument as `inspectJson`.
   */
  advance(until: number): LargeValue | undefined {
    const bytes = this.#bytes;
    const stop = Math.min(until, this.#end);
    let i = this.#position;
    if (this.#string !== -1) i = this.#endString(until);
    while (i < stop) {
      const byte = bytes[i] as number;
      const kind = KINDS[byte];
      if (kind === 0) {
        i++;
      } else if (kind === DIGIT) {
        const first = i;
        i = endOfNumber(bytes, i, Math.min(this.#end, first + PIECE));
        if (i < 0) {
          this.#lossy = first;
          i = ~i;
        }
        if (i - first >= PIECE) throw jsonError(`a number of more than ${PIECE} digits`, first);
      } else if (kind === TOKEN) {
        this.#lossy = i++;
      } else if (byte === COMMA) {
        this.#comma(i++);
      } else if (byte === QUOTE) {
        this.#string = i;
        this.#stringFrom = i + 1;
        i = this.#endString(until);
      } else if (isOpening(byte)) {
        this.#open(i++);
      } else {
        const closed = this.#close(++i);
        if (closed !== undefined) return closed;
      }
    }
    if (i >= this.#end) {
      const { start } = this.#levels[0] as Level;
      throw jsonError(`expected ${bytes[start] === 0x5b ? "']'" : "'}'"}, got the end`, this.#end);
    }
    this.#position = i;
    return undefined;
  }

  /** Position behind the open string, or `until` where it goes on. */
  #endString(until: number): number {
    const bytes = this.#bytes;
    const start = this.#string;
    for (let from = this.#stringFrom; ; ) {
      const quote = bytes.indexOf(QUOTE, from);
      if (quote === -1 || quote >= this.#end) throw jsonError("a string without an end", start);
      let slashes = 0;
      while (bytes[quote - 1 - slashes] === BACKSLASH && quote - 1 - slashes > start) slashes++;
      from = quote + 1;
      if (slashes % 2 === 0) {
        this.#string = -1;
        if (from - start >= PIECE) this.#keep(start, from, 0, []);
        return from;
      }
      if (from >= until) {
        this.#stringFrom = from;
        return until;
      }
    }
  }

  #open(at: number): void {
    if (++this.#depth > this.#maxDepth) throw tooDeep(this.#maxDepth, at);
    assertFewContainers(++this.#containers, at);
    const level = this.#levels[this.#depth - 1];
    if (level === undefined) this.#levels.push({ start: at, items: 1, lastComma: at, lastCut: at, cuts: [] });
    else {
      level.start = at;
      level.items = 1;
      level.lastComma = at;
      level.lastCut = at;
    }
  }

  #comma(at: number): void {
    const level = this.#levels[this.#depth - 1];
    if (level === undefined) return;
    level.items++;
    level.lastComma = at;
    if (at - level.lastCut < PIECE) return;
    level.lastCut = at;
    level.cuts.push(at);
  }

  #close(end: number): LargeValue | undefined {
    const level = this.#levels[--this.#depth] as Level;
    const { start, items, cuts } = level;
    if (this.#depth > 0 && end - start < PIECE) return undefined;
    // These are the value's from now on: the next one of the level has its own.
    level.cuts = [];
    const value = this.#keep(start, end, items, cuts);
    return this.#depth === 0 ? value : undefined;
  }

  /** A large value, and a cut before it; the next comma is one as well. */
  #keep(start: number, end: number, items: number, cuts: readonly number[]): LargeValue {
    const value = { end, plain: this.#lossy < start, items, cuts };
    this.#large.set(start, value);
    const level = this.#levels[this.#depth - 1];
    if (this.#depth > 0 && level !== undefined && level.lastComma > level.lastCut) {
      level.lastCut = level.lastComma;
      level.cuts.push(level.lastComma);
    }
    return value;
  }
}
