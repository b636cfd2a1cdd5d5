import type { JsonValue } from "../tensor/json-value.ts";
import type { Turns } from "../turns.ts";
import { JsonReader } from "./json-reader.ts";
import { LARGE_TEXT, readInTurns } from "./long-work.ts";
import { type ParseJsonOptions, parseJson } from "./parse-json.ts";

/** As `parseJson`; a large text in turns with other work. */
export async function parseJsonInTurns(bytes: Uint8Array, options: ParseJsonOptions, turns: Turns): Promise<JsonValue> {
  if (bytes.length < LARGE_TEXT) return parseJson(bytes, options);
  const reader = new JsonReader(bytes, options);
  await reader.indexInTurns(turns);
  const value = await readInTurns(reader.results, turns, () => {
    reader.rewind();
    return reader.value();
  });
  reader.end();
  return value;
}
