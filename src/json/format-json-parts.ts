import { Buffer } from "node:buffer";
import { inSteps } from "../resumable.ts";
import { isHighSurrogate } from "../shorten-text.ts";
import type { JsonValue } from "../tensor/json-value.ts";
import { SOME } from "../tensor/nested/nest-elements.ts";
import type { NonFiniteText } from "../tensor/number-text/create-element-writer.ts";
import type { Steps } from "../turns.ts";
import { assertJson, formatJson } from "./format-json.ts";

/** Characters of a text that take as long as one value. */
const CHARACTERS = 8;
const PIECE = SOME * CHARACTERS;

/**
 * The text of `formatJson`; a large one in UTF-8, made a part at a time.
 * @throws InferenceError as `formatJson`.
 */
export function formatJsonParts(
  value: JsonValue,
  place?: string,
  nonFinite?: NonFiniteText,
): readonly (string | Uint8Array)[] {
  if (!isLargeJson(value)) return [formatJson(value, place, nonFinite)];
  return inSteps(value, "json", () => formatLargeJson(value, place, nonFinite));
}

/** True for a value whose text is not made at once. */
export function isLargeJson(value: JsonValue): boolean {
  return weightOf(value, SOME) >= SOME;
}

/** Values of which it consists, as far as `most`. */
function weightOf(value: unknown, most: number): number {
  if (typeof value === "string") return 1 + Math.floor(value.length / CHARACTERS);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return 1;
  let weight = 1;
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    weight += typeof member === "number" ? 1 : weightOf(member, most - weight);
    if (weight >= most) break;
  }
  return weight;
}

/** The text of `formatJson` in UTF-8, a part at a time. */
export function* formatLargeJson(
  value: JsonValue,
  place: string | undefined,
  nonFinite: NonFiniteText | undefined,
): Steps<readonly Uint8Array[]> {
  const parts: Uint8Array[] = [];
  let text = "";
  const flush = (): void => {
    parts.push(Buffer.from(text));
    text = "";
  };
  const write = function* (large: JsonValue): Steps<void> {
    if (typeof large === "string") yield* writeText(large);
    else if (Array.isArray(large)) yield* writeItems(large);
    else if (typeof large !== "object" || large === null || "toJSON" in large) text += formatJson(large, "", nonFinite);
    else yield* writeMembers(large);
  };
  const writeText = function* (large: string): Steps<void> {
    text += '"';
    for (let from = 0; from < large.length; ) {
      let to = Math.min(large.length, from + PIECE);
      // Both halves of a pair in one piece: alone each would be escaped.
      if (to < large.length && isHighSurrogate(large, to - 1)) to--;
      text += JSON.stringify(large.slice(from, to)).slice(1, -1);
      from = to;
      flush();
      yield;
    }
    text += '"';
  };
  const writeItems = function* (items: readonly JsonValue[]): Steps<void> {
    let some: JsonValue[] = [];
    let weight = 0;
    let isFirst = true;
    const writeSome = (): void => {
      if (some.length === 0) return;
      text += `${isFirst ? "" : ","}${formatJson(some, "", nonFinite).slice(1, -1)}`;
      isFirst = false;
      some = [];
      weight = 0;
      flush();
    };
    text += "[";
    for (const item of items) {
      const own = weightOf(item, SOME);
      if (own < SOME) {
        some.push(item);
        weight += own;
        if (weight < SOME) continue;
        writeSome();
        yield;
        continue;
      }
      writeSome();
      if (!isFirst) text += ",";
      isFirst = false;
      yield* write(item);
    }
    writeSome();
    text += "]";
  };
  const writeMembers = function* (members: object): Steps<void> {
    let separator = "{";
    let weight = 0;
    for (const [key, member] of Object.entries(members) as [string, JsonValue | undefined][]) {
      if (member === undefined) continue;
      text += `${separator}${JSON.stringify(key)}:`;
      separator = ",";
      const own = weightOf(member, SOME);
      if (own < SOME) text += formatJson(member, "", nonFinite);
      else yield* write(member);
      weight += own;
      if (weight < SOME) continue;
      weight = 0;
      flush();
      yield;
    }
    text += separator === "{" ? "{}" : "}";
  };
  try {
    yield* write(value);
  } catch (error) {
    // The fault's place is that of the whole value.
    assertJson(value, place, nonFinite);
    throw error;
  }
  flush();
  return parts;
}
