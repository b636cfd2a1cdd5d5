import { type Buffer, isUtf8 } from "node:buffer";
import { invalidArgument } from "../errors.ts";
import { inSteps, isInTurns } from "../resumable.ts";
import type { JsonValue } from "../tensor/json-value.ts";
import { inPieces, LARGE, PIECE, type Steps, type Turns } from "../turns.ts";
import { buildInSteps } from "./build-in-steps.ts";
import { type Inspection, inspectJson, tooDeep } from "./inspect-json.ts";
import {
  assertUtf8,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  skipSpace,
  skipSpaceBack,
  startOfText,
  toBuffer,
} from "./json-bytes.ts";
import { formatByte, jsonError } from "./json-error.ts";
import { JsonIndex, type LargeValue } from "./json-index.ts";
import { JsonParser } from "./json-parser.ts";
import { type ParseJsonOptions, parseText } from "./parse-json.ts";
import { skipValue } from "./skip-value.ts";

/** Where a value's text starts and ends (exclusive). */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** Texts from which on passing over values takes long. */
const VERY_LARGE = 4 * 1024 * 1024;

/** Members of an object that is walked: what surrounds the values has a few, and each takes a microsecond or three. */
const MAX_MEMBERS = 10_000;

/** Values from which on there is a turn between two: as many tensors as a body may have, each shorter, take 30 ms together. */
const SHORT = PIECE / 4;

/** Shorter arrays are passed over byte by byte. */
const LONG_ARRAY = 2048;

/**
 * A cursor over JSON text that walks the envelope and builds nothing of what it skips. Each callback consumes exactly one
 * value by `skip`, `value`, `object` or `array`.
 *
 * Duplicate keys of objects that it walks are refused: parsers differ in which one counts, and a check that reads the
 * first protects nothing where the server reads the last.
 */
export class JsonReader {
  readonly bytes: Buffer;
  readonly maxDepth: number;
  readonly #parser: JsonParser;
  readonly #isUtf8: boolean;
  #position: number;
  /** Of what was looked over in turns. */
  readonly #indexes: JsonIndex[] = [];
  /** Brackets of the arrays and objects around the position. */
  readonly #open: number[] = [];

  /** @throws InferenceError invalid_argument when the text is not UTF-8 and raw bytes are refused. */
  constructor(bytes: Uint8Array, { maxDepth, rawBytes = "refused" }: ParseJsonOptions) {
    this.bytes = toBuffer(bytes);
    this.maxDepth = maxDepth;
    this.#isUtf8 = isUtf8(this.bytes);
    if (!this.#isUtf8 && rawBytes === "refused") assertUtf8(this.bytes);
    this.#position = startOfText(this.bytes);
    this.#parser = new JsonParser(this.bytes, 0, this.bytes.length, maxDepth);
  }

  /** Looks over the whole text, in turns, where passing over its values would take long; then `skip` and `parse` know where they end. */
  async indexInTurns(turns: Turns, passesOver = false): Promise<void> {
    const { bytes } = this;
    const start = this.#position;
    const first = this.peek();
    if (first !== OPEN_ARRAY && first !== OPEN_OBJECT) return;
    if (bytes.length < VERY_LARGE || (!passesOver && bytes.lastIndexOf(QUOTE) < LONG_ARRAY * 16)) return;
    await turns.finish(this.#lookOver({ start: this.#position, end: bytes.length }));
    this.#position = start;
  }

  /** First byte of the next value. */
  peek(): number | undefined {
    this.#position = skipSpace(this.bytes, this.#position, this.bytes.length);
    return this.bytes[this.#position];
  }

  /**
   * Walks an object, one call of `member` for each key.
   * @throws InferenceError invalid_argument when the next value is none (`place` is its name) or a key comes twice, or
   *   there are more than 10,000.
   */
  object(place: string, member: (key: string) => void): void {
    this.#enter(OPEN_OBJECT, place, "an object");
    const keys = new Set<string>();
    if (this.#closes(CLOSE_OBJECT)) return;
    for (;;) {
      if (this.peek() !== QUOTE) throw this.#unexpected("a key");
      const at = this.#position;
      const key = this.#key();
      if (keys.has(key)) throw jsonError(`the key ${JSON.stringify(key)} comes twice in ${place},`, at);
      if (keys.size === MAX_MEMBERS) throw invalidArgument(`${place} has more than ${MAX_MEMBERS} members`);
      keys.add(key);
      if (this.peek() !== COLON) throw this.#unexpected("':'");
      this.#position++;
      member(key);
      if (this.#closes(CLOSE_OBJECT)) return;
      if (this.peek() !== COMMA) throw this.#unexpected("',' or '}'");
      this.#position++;
    }
  }

  /** Walks an array, one call of `item` for each. @throws InferenceError invalid_argument when the next value is none. */
  array(place: string, item: (index: number) => void): void {
    this.#enter(OPEN_ARRAY, place, "an array");
    if (this.#closes(CLOSE_ARRAY)) return;
    for (let index = 0; ; index++) {
      item(index);
      if (this.#closes(CLOSE_ARRAY)) return;
      if (this.peek() !== COMMA) throw this.#unexpected("',' or ']'");
      this.#position++;
    }
  }

  /** The next value, built. */
  value(): JsonValue {
    if (isInTurns() && this.bytes.length >= LARGE) return this.parse(this.skip());
    const parser = this.#parser;
    parser.position = this.#position;
    const value = parser.value(this.#open.length);
    this.#position = parser.position;
    return value;
  }

  /** Passes over the next value: its brackets and strings are followed, nothing of it is built or checked further. */
  skip(): Extent {
    this.peek();
    const start = this.#position;
    this.#position =
      this.#find(start)?.end ??
      this.#endOfLast(start) ??
      skipValue(this.bytes, start, this.maxDepth, this.#open.length);
    return { start, end: this.#position };
  }

  /**
   * Long work on a value that was passed over, in turns with other work; undefined where there are none, or it is short, or the text is.
   * @param key says what it is; the same key stands for the same `Result`.
   * @throws what the steps throw.
   */
  inTurns<Result>(key: string, { start, end }: Extent, steps: () => Steps<Result>): Result | undefined {
    const isLong = end - start >= SHORT && this.bytes.length >= LARGE;
    return isLong && isInTurns() ? inSteps(this, `${key} at ${start}`, steps) : undefined;
  }

  /** Looks at an array or object that was passed over. */
  inspect(extent: Extent): Inspection {
    const seen = this.inTurns("look", extent, () => this.#lookOver(extent));
    return seen ?? inspectJson(this.bytes, extent.start, extent.end, this.maxDepth);
  }

  /** Builds a value that was passed over. */
  parse(extent: Extent, inspection?: Inspection): JsonValue {
    const built = this.inTurns("value", extent, () => this.#build(extent));
    if (built !== undefined) return built;
    const plain = this.#isUtf8 && inspection?.plain === true;
    return parseText(this.bytes, extent.start, extent.end, plain, this.maxDepth);
  }

  /** Goes back to the start of the text. */
  rewind(): void {
    this.#position = startOfText(this.bytes);
    this.#open.length = 0;
  }

  /** Goes back to a value that was passed over. */
  seek({ start }: Extent): void {
    this.#position = start;
  }

  /** @throws InferenceError invalid_argument when anything but white space is left. */
  end(): void {
    if (this.peek() !== undefined) throw this.#unexpected("the end");
  }

  /**
   * End of an array behind which nothing more is written than the ends of what is open, found from the back: where no
   * quote follows there are neither strings in it nor keys behind it. What it holds is checked by whoever reads it.
   */
  #endOfLast(start: number): number | undefined {
    const { bytes } = this;
    if (bytes[start] !== OPEN_ARRAY || bytes.length - start < LONG_ARRAY || bytes.indexOf(QUOTE, start) !== -1) {
      return undefined;
    }
    let end = skipSpaceBack(bytes, bytes.length);
    for (const bracket of this.#open) {
      if (bytes[end - 1] !== (bracket === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY)) return undefined;
      end = skipSpaceBack(bytes, end - 1);
    }
    return bytes[end - 1] === CLOSE_ARRAY ? end : undefined;
  }

  *#build(extent: Extent): Steps<JsonValue> {
    const { bytes, maxDepth } = this;
    const { start, end } = extent;
    const first = bytes[start];
    const isNested = first === OPEN_ARRAY || first === OPEN_OBJECT;
    if (!isNested && first !== QUOTE) return parseText(bytes, start, end, false, maxDepth);
    const value = this.#find(start) ?? (isNested ? yield* this.#lookOver(extent) : undefined);
    if (value !== undefined && value.end !== end) {
      const next = skipSpace(bytes, value.end, bytes.length);
      throw jsonError(`expected the end, got ${formatByte(bytes[next])}`, next);
    }
    const find = (at: number) => this.#find(at);
    const found = value ?? { end, plain: true, items: 0, cuts: [] };
    return yield* buildInSteps({ bytes, find, isUtf8: this.#isUtf8, maxDepth }, start, found);
  }

  /** The large value that begins there and was looked over. */
  #find(start: number): LargeValue | undefined {
    for (const index of this.#indexes) {
      const value = index.find(start);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  *#lookOver({ start, end }: Extent): Steps<LargeValue> {
    const index = new JsonIndex(this.bytes, start, end, this.maxDepth);
    const value = yield* inPieces(start, (until) => index.advance(until));
    this.#indexes.push(index);
    return value;
  }

  #enter(bracket: number, place: string, expected: string): void {
    const byte = this.peek();
    if (byte === undefined) throw jsonError(`expected ${expected}, got the end`, this.#position);
    if (byte !== bracket) throw invalidArgument(`${place} must be ${expected}, got ${this.describeNext()}`);
    this.#open.push(bracket);
    if (this.#open.length > this.maxDepth) throw tooDeep(this.maxDepth, this.#position);
    this.#position++;
  }

  #closes(bracket: number): boolean {
    if (this.peek() !== bracket) return false;
    this.#position++;
    this.#open.pop();
    return true;
  }

  #key(): string {
    const parser = this.#parser;
    parser.position = this.#position;
    const key = parser.key();
    this.#position = parser.position;
    return key;
  }

  /** The next value for messages: what kind it is, or what it says. */
  describeNext(): string {
    switch (this.peek()) {
      case OPEN_OBJECT:
        return "an object";
      case OPEN_ARRAY:
        return "an array";
      case QUOTE:
        return "a string";
      default:
        return String(this.value());
    }
  }

  #unexpected(expected: string): Error {
    return jsonError(`expected ${expected}, got ${formatByte(this.bytes[this.#position])}`, this.#position);
  }
}
