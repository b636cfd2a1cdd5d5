import { dataOfEvent, EventStreamReader, encodeEventText, replaceEventData } from "../../envelope/event-stream.ts";
import { InferenceError } from "../../errors.ts";
import { formatJson } from "../../json/format-json.ts";
import { parseJson } from "../../json/parse-json.ts";
import { isJsonObject, type JsonObject } from "../../tensor/json-value.ts";

type ChunkHook = (chunk: JsonObject) => JsonObject | undefined | Promise<JsonObject | undefined>;

/**
 * A stream of server-sent events with each event's JSON through a hook; `[DONE]`, comments and other events pass. What fails
 * after the first byte can have no status any more: it ends the stream with an event that carries the error.
 */
export async function* transformChunks(
  body: AsyncIterable<Uint8Array>,
  hook: ChunkHook,
  maxDepth: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new EventStreamReader();
  try {
    for await (const bytes of body) {
      for (const event of reader.push(bytes)) {
        const changed = await transformEvent(event, hook, maxDepth);
        if (changed !== undefined) yield encodeEventText(changed);
      }
    }
    for (const event of reader.end()) {
      const changed = await transformEvent(event, hook, maxDepth);
      if (changed !== undefined) yield encodeEventText(changed);
    }
  } catch (error) {
    const { code, message, status } = InferenceError.from(error);
    if (code === "cancelled") throw error;
    yield encodeEventText(`data: ${JSON.stringify({ error: { message, type: code, param: null, code: status } })}`);
  }
}

async function transformEvent(event: string, hook: ChunkHook, maxDepth: number): Promise<string | undefined> {
  const data = dataOfEvent(event);
  if (data === undefined || data.trim() === "[DONE]") return event;
  const chunk = parseJson(Buffer.from(data), { maxDepth });
  if (!isJsonObject(chunk)) return event;
  const changed = await hook(chunk);
  return changed === undefined ? undefined : replaceEventData(event, formatJson(changed));
}
