/**
 * A value read from JSON. Integers beyond 2^53 are bigint, since a number would round them silently; NaN and the
 * infinities, which some servers write as bare tokens, are numbers.
 */
export type JsonValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
