import { Buffer, isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { WireMessage } from "../../inference/content.ts";
import { formatJson } from "../../json/format-json.ts";
import { isJson, parseMediaTypes } from "../../protocol/media-type.ts";
import type { JsonValue } from "../../tensor/json-value.ts";
import type { CloudEvent, EventSettings } from "./cloud-event.ts";

/** Never taken over from the request: they are the response's own, or describe the request's data. */
const OWN: ReadonlySet<string> = new Set([
  "id",
  "time",
  "type",
  "source",
  "specversion",
  "datacontenttype",
  "dataschema",
]);

/** The response to an event, as an event in the same mode. */
export function encodeEvent(
  message: WireMessage,
  { mode, attributes: asked }: CloudEvent,
  modelName: string,
  settings: EventSettings,
): WireMessage {
  const attributes: Record<string, JsonValue> = {
    specversion: "1.0",
    id: randomUUID(),
    source: settings.source ?? `io.kserve.inference.${modelName}`,
    type: settings.type,
    time: new Date().toISOString(),
  };
  if (settings.merge) {
    for (const [name, value] of Object.entries(asked)) if (!OWN.has(name)) attributes[name] = value;
  }
  return mode === "binary" ? encodeBinary(message, attributes) : encodeStructured(message, attributes);
}

function encodeBinary({ headers, body }: WireMessage, attributes: Readonly<Record<string, JsonValue>>): WireMessage {
  const named: Record<string, string> = { ...headers };
  for (const [name, value] of Object.entries(attributes)) named[`ce-${name}`] = encodeAttribute(value);
  return { headers: named, body };
}

/** HTTP binding §3.1.3.2: what is not printable ASCII, and `"`, `%` and space, is percent-encoded. */
function encodeAttribute(value: JsonValue): string {
  const text = typeof value === "string" ? value : formatJson(value);
  const wellFormed = text.replace(/\p{Surrogate}/gu, "\ufffd");
  return wellFormed.replace(/[^\x21\x23\x24\x26-\x7e]/gu, (character) => encodeURIComponent(character));
}

function encodeStructured(
  { headers, body }: WireMessage,
  attributes: Readonly<Record<string, JsonValue>>,
): WireMessage {
  const [type] = parseMediaTypes(headers["content-type"]);
  const bytes = Buffer.concat(body);
  const json = type === undefined || isJson(type);
  const head = formatJson({ ...attributes, datacontenttype: headers["content-type"] ?? "application/json" });
  // The data is spliced in as it stands: its numbers keep every digit, and it is not parsed again.
  const data = json ? wellFormed(bytes) : Buffer.from(`"${bytes.toString("base64")}"`, "latin1");
  const start = Buffer.from(`${head.slice(0, -1)},"${json ? "data" : "data_base64"}":`);
  return { headers: { "content-type": "application/cloudevents+json" }, body: [start, data, END] };
}

const END = Buffer.from("}");

/** An event is text: bytes that are no UTF-8 have the replacement character in their place. */
function wellFormed(bytes: Buffer): Buffer {
  return isUtf8(bytes) ? bytes : Buffer.from(bytes.toString("utf8"));
}
