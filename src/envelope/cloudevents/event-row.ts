import { Buffer } from "node:buffer";
import type { WireMessage } from "../../inference/content.ts";
import { OPEN_OBJECT, startOfText } from "../../json/json-bytes.ts";
import { JsonReader } from "../../json/json-reader.ts";
import { jsonBody } from "../../protocol/body-bytes.ts";
import type { Turns } from "../../turns.ts";

const START = Buffer.from('{"instances":[');
const END = Buffer.from("]}");

/**
 * The V1 request that an event's data is: the data itself where it has `instances` or `inputs`, else, as for the notices of
 * buckets and the messages of queues, its object as the one row. KServe's SDK gives such data to the hooks as it came.
 * Large data is read in turns with other work.
 * @throws InferenceError invalid_argument for what is no JSON.
 */
export async function toEventRow(message: WireMessage, maxDepth: number, turns: Turns): Promise<WireMessage> {
  const reader = new JsonReader(jsonBody(message), { maxDepth });
  await reader.indexInTurns(turns, true);
  if (reader.peek() !== OPEN_OBJECT) return message;
  let isRequest = false;
  reader.object("data", (key) => {
    isRequest ||= key === "instances" || key === "inputs";
    reader.skip();
  });
  reader.end();
  if (isRequest) return message;
  const row = reader.bytes.subarray(startOfText(reader.bytes));
  return { headers: { ...message.headers, "content-type": "application/json" }, body: [START, row, END] };
}
