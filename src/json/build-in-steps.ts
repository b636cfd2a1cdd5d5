import type { Buffer } from "node:buffer";
import type { JsonValue } from "../tensor/json-value.ts";
import { PIECE, type Steps } from "../turns.ts";
import { BACKSLASH, COLON, OPEN_ARRAY, QUOTE, skipSpace } from "./json-bytes.ts";
import { formatByte, jsonError } from "./json-error.ts";
import type { LargeValue } from "./json-index.ts";
import { JsonParser } from "./json-parser.ts";

export interface IndexedText {
  readonly bytes: Buffer;
  /** The large value that begins there, if there is one. */
  readonly find: (start: number) => LargeValue | undefined;
  /** All of it is UTF-8. */
  readonly isUtf8: boolean;
  readonly maxDepth: number;
}

/**
 * The large value that begins at `start`, piece by piece: the same as if it were built at once, and the same errors.
 * @throws InferenceError invalid_argument with the position.
 */
export function buildInSteps(text: IndexedText, start: number, value: LargeValue): Steps<JsonValue> {
  return new Builder(text).build(start, value, 0);
}

/** Members of one object: where there are more, adding the next one takes long, now and then. */
const MAX_MEMBERS = 131_072;

class Builder {
  readonly #text: IndexedText;

  constructor(text: IndexedText) {
    this.#text = text;
  }

  *build(start: number, value: LargeValue, depth: number): Steps<JsonValue> {
    const { bytes } = this.#text;
    if (bytes[start] === QUOTE) return yield* this.#string(start, value);
    const items: JsonValue[] = [];
    const members: Record<string, JsonValue> = {};
    const isArray = bytes[start] === OPEN_ARRAY;
    const last = value.end - 1;
    let from = start + 1;
    let count = 0;
    for (const to of [...value.cuts, last]) {
      yield;
      // Nothing between the brackets is no item; nothing between commas is a fault, which the parser tells.
      const isEmpty = value.cuts.length === 0 && skipSpace(bytes, from, to) === to;
      if (!isEmpty && isArray) yield* this.#addItems(items, from, to, value.plain, depth + 1);
      else if (!isEmpty) count += yield* this.#addMembers(members, from, to, value.plain, depth + 1);
      if (count > MAX_MEMBERS) throw jsonError(`an object with more than ${MAX_MEMBERS} members`, start);
      from = to + 1;
    }
    this.#parser(last).close(isArray);
    return isArray ? items : members;
  }

  *#addItems(target: JsonValue[], from: number, to: number, isPlain: boolean, depth: number): Steps<void> {
    const { bytes, find } = this.#text;
    const first = skipSpace(bytes, from, to);
    const large = find(first);
    if (large !== undefined) {
      target.push(yield* this.build(first, large, depth));
      this.#parser(large.end).separator(to, true);
      return;
    }
    const items = (isPlain ? this.#plain(`[${this.#slice(from, to)}]`) : undefined) as JsonValue[] | undefined;
    for (const item of items === undefined || items.length === 0 ? this.#parser(from).items(to, depth) : items) {
      target.push(item);
    }
  }

  *#addMembers(
    target: Record<string, JsonValue>,
    from: number,
    to: number,
    isPlain: boolean,
    depth: number,
  ): Steps<number> {
    const { bytes, find } = this.#text;
    const parser = this.#parser(skipSpace(bytes, from, to));
    if (bytes[parser.position] === QUOTE && to - from >= PIECE) {
      const key = parser.key();
      const colon = skipSpace(bytes, parser.position, to);
      const first = skipSpace(bytes, colon + 1, to);
      const large = bytes[colon] === COLON ? find(first) : undefined;
      if (large !== undefined) {
        define(target, key, yield* this.build(first, large, depth));
        this.#parser(large.end).separator(to, false);
        return 1;
      }
    }
    const members = isPlain ? this.#plain(`{${this.#slice(from, to)}}`) : undefined;
    const entries = Object.entries((members ?? {}) as Record<string, JsonValue>);
    let count = 0;
    for (const [key, value] of entries.length === 0 ? this.#parser(from).members(to, depth) : entries) {
      define(target, key, value);
      count++;
    }
    return count;
  }

  /** A long string, cut where no escape and no character is cut in two; halves of a surrogate pair find each other. */
  *#string(start: number, { end }: LargeValue): Steps<JsonValue> {
    const { bytes, isUtf8 } = this.#text;
    if (!isUtf8) return this.#parser(start).value(0);
    let text = "";
    for (let from = start + 1; from < end - 1; ) {
      yield;
      const to = from + PIECE >= end - 1 ? end - 1 : safeCut(bytes, from + PIECE);
      const part = this.#plain(`"${this.#slice(from, to)}"`);
      if (typeof part !== "string") throw stringFault(bytes, start, from, to);
      text += part;
      from = to;
    }
    return text;
  }

  #slice(from: number, to: number): string {
    return this.#text.bytes.toString("utf8", from, to);
  }

  /** Undefined where the exact parser has to say what is wrong. */
  #plain(text: string): JsonValue | undefined {
    if (!this.#text.isUtf8) return undefined;
    try {
      return JSON.parse(text) as JsonValue;
    } catch {
      return undefined;
    }
  }

  #parser(at: number): JsonParser {
    return new JsonParser(this.#text.bytes, at, this.#text.bytes.length, this.#text.maxDepth);
  }
}

/** What is wrong with a part of a string that `JSON.parse` does not read. */
function stringFault(bytes: Buffer, start: number, from: number, to: number): Error {
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number;
    if (byte < 0x20) return jsonError(`${formatByte(byte)} in a string, which must be escaped`, i);
  }
  return jsonError("a string with an escape that JSON does not know", start);
}

function define(target: Record<string, JsonValue>, key: string, value: JsonValue): void {
  // An own property even where the key is __proto__, as JSON.parse makes it.
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  } else target[key] = value;
}

/** A position at or little before `at`, inside a string, that stands between two characters. */
function safeCut(bytes: Buffer, at: number): number {
  let cut = at;
  while (((bytes[cut] as number) & 0xc0) === 0x80) cut--;
  for (let i = cut - 1; i >= cut - 5; i--) {
    if (bytes[i] !== BACKSLASH) continue;
    let slashes = 1;
    while (bytes[i - slashes] === BACKSLASH) slashes++;
    const length = bytes[i + 1] === 0x75 ? 6 : 2;
    return slashes % 2 === 1 && i + length > cut ? i : cut;
  }
  return cut;
}
