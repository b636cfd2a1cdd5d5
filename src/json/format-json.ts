import { invalidArgument } from "../errors.ts";
import { isPromise } from "../tensor/elements/assert-elements.ts";
import type { JsonValue } from "../tensor/json-value.ts";
import type { NonFiniteText } from "../tensor/number-text/create-element-writer.ts";

/**
 * JSON text of a value: bigint as exact digits, -0 with its sign, members that are undefined left out.
 * @param nonFinite the text for NaN and the infinities
 * @throws InferenceError invalid_argument that names the place of a value which JSON cannot carry: NaN, Infinity, typed arrays,
 *   functions, and objects without members that are no plain ones, as a Map.
 */
export function formatJson(value: JsonValue, place = "value", nonFinite?: NonFiniteText): string {
  const kind = assertJson(value, place, nonFinite);
  return kind === "exact" ? formatExact(value, nonFinite) : JSON.stringify(value);
}

/** @throws InferenceError invalid_argument that names the place of a value which JSON cannot carry. */
export function assertJson(value: JsonValue, place = "value", nonFinite?: NonFiniteText): "plain" | "exact" {
  const kind = kindOf(value, nonFinite === undefined ? "none" : "exact");
  if (kind === "none") throw invalidArgument(describeFault(value, place) ?? `${place}: no JSON form`);
  return kind;
}

/** `plain`: JSON.stringify writes it; `exact`: it holds a bigint or -0; `none`: JSON cannot carry it. */
type Kind = "plain" | "exact" | "none";

/** @param nonFinite the kind of NaN and the infinities */
function kindOf(value: unknown, nonFinite: Kind): Kind {
  switch (typeof value) {
    case "string":
    case "boolean":
      return "plain";
    case "number":
      if (value === 0) return Object.is(value, -0) ? "exact" : "plain";
      return Number.isFinite(value) ? "plain" : nonFinite;
    case "bigint":
      return "exact";
    case "object": {
      if (value === null) return "plain";
      // A promise would be written as {}.
      if (ArrayBuffer.isView(value) || isPromise(value)) return "none";
      const members = Array.isArray(value) ? value : Object.values(value);
      if (members.length === 0 && isOpaque(value)) return "none";
      let kind: Kind = "plain";
      for (const member of members) {
        if (member === undefined && !Array.isArray(value)) continue;
        const inner = kindOf(member, nonFinite);
        if (inner === "none") return inner;
        if (inner === "exact") kind = inner;
      }
      return kind;
    }
    default:
      return "none";
  }
}

/** What holds its content elsewhere than in members, as a Map, a Set or an Error: it would be written as {}. */
function isOpaque(value: object): boolean {
  if (Array.isArray(value) || "toJSON" in value) return false;
  const prototype = Object.getPrototypeOf(value);
  // Object.prototype, whichever realm's, has none itself.
  return prototype !== null && Object.getPrototypeOf(prototype) !== null;
}

function describeFault(value: unknown, place: string): string | undefined {
  if (isPromise(value)) return `${place}: a promise has no JSON form: write await before it`;
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || Object.keys(value).length === 0) {
    if (kindOf(value, "none") !== "none") return undefined;
    const what =
      typeof value === "number"
        ? String(value)
        : typeof value === "object" && value !== null
          ? value.constructor.name
          : typeof value;
    return `${place}: ${what} has no JSON form`;
  }
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined && !Array.isArray(value)) continue;
    const fault = describeFault(member, Array.isArray(value) ? `${place}[${key}]` : `${place}.${key}`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function formatExact(value: JsonValue, nonFinite: NonFiniteText | undefined): string {
  if (typeof value === "number" && !Number.isFinite(value)) return nonFinite?.(value) ?? "null";
  if (typeof value === "bigint") return String(value);
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null || "toJSON" in value) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => formatExact(item, nonFinite)).join(",")}]`;
  const members = Object.entries(value as Record<string, JsonValue | undefined>);
  const texts = members.flatMap(([key, member]) =>
    member === undefined ? [] : [`${JSON.stringify(key)}:${formatExact(member, nonFinite)}`],
  );
  return `{${texts.join(",")}}`;
}
