import { resume } from "../resumable.ts";
import type { JsonValue } from "../tensor/json-value.ts";
import { LARGE, type Turns } from "../turns.ts";
import { JsonReader } from "./json-reader.ts";
import { type ParseJsonOptions, parseJson } from "./parse-json.ts";

/** As `parseJson`; a large text in turns with other work. */
export async function parseJsonInTurns(bytes: Uint8Array, options: ParseJsonOptions, turns: Turns): Promise<JsonValue> {
  if (bytes.length < LARGE) return parseJson(bytes, options);
  const reader = new JsonReader(bytes, options);
  await reader.indexInTurns(turns);
  const value = await resume(turns, () => {
    reader.rewind();
    return reader.value();
  });
  reader.end();
  return value;
}
