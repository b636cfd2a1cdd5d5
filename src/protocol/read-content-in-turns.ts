import type { ReadView, Values } from "../inference/values.ts";
import type { JsonReader } from "../json/json-reader.ts";
import { resume } from "../resumable.ts";
import type { Turns } from "../turns.ts";

/** The content of a large text and its values, read in turns with other work; `read` begins anew each time. */
export async function readContentInTurns<Content extends { readonly values: Values }>(
  reader: JsonReader,
  turns: Turns,
  view: ReadView,
  read: () => Content,
): Promise<Content> {
  await reader.indexInTurns(turns);
  const content = await resume(turns, read);
  await resume(turns, () => content.values.read?.(view));
  return content;
}
