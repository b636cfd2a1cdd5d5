import { invalidArgument } from "../../errors.ts";
import type { WireMessage } from "../../inference/content.ts";
import { OPEN_OBJECT } from "../../json/json-bytes.ts";
import { type Extent, JsonReader } from "../../json/json-reader.ts";
import { joinChunks } from "../../protocol/body-bytes.ts";
import { parseMediaTypes } from "../../protocol/media-type.ts";
import type { JsonValue } from "../../tensor/json-value.ts";
import type { CloudEvent } from "./cloud-event.ts";

const STRUCTURED = "application/cloudevents+json";

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** True when the headers say that the message is a CloudEvent, in either mode. */
export function isCloudEvent(headers: Headers): boolean {
  const type = headers["content-type"];
  return (
    headers["ce-specversion"] !== undefined || (typeof type === "string" && type.includes("application/cloudevents"))
  );
}

/**
 * A CloudEvent's attributes, and its data as the message that would have come without the event. Source: HTTP protocol
 * binding 1.0.2 §3.1 (binary) and §3.2 (structured); batches are refused.
 * @throws InferenceError invalid_argument that names the attribute.
 */
export function decodeEvent(message: WireMessage, maxJsonDepth: number): { event: CloudEvent; message: WireMessage } {
  const { event, message: inner } = isStructured(message)
    ? decodeStructured(message, maxJsonDepth)
    : decodeBinary(message);
  for (const name of ["specversion", "id", "source", "type"]) {
    const value = event.attributes[name];
    if (typeof value !== "string" || value === "") {
      throw invalidArgument(`CloudEvent attribute '${name}': expected a text, got ${JSON.stringify(value) ?? "none"}`);
    }
  }
  const version = event.attributes["specversion"] as string;
  if (version !== "1.0" && version !== "0.3") {
    throw invalidArgument(`CloudEvent attribute 'specversion': expected 1.0, got ${JSON.stringify(version)}`);
  }
  return { event, message: inner };
}

function isStructured({ headers }: WireMessage): boolean {
  const [type] = parseMediaTypes(headers["content-type"]);
  if (type?.essence.startsWith("application/cloudevents-batch")) {
    throw invalidArgument("a batch of CloudEvents is not supported: send one event a request");
  }
  return type?.essence === STRUCTURED;
}

function decodeBinary({ headers, body }: WireMessage): { event: CloudEvent; message: WireMessage } {
  const attributes: Record<string, JsonValue> = {};
  const rest: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith("ce-")) attributes[name.slice(3)] = decodeAttribute(name, value);
    else rest[name] = value;
  }
  return { event: { mode: "binary", attributes }, message: { headers: rest, body } };
}

/** Header values are percent-encoded (HTTP binding §3.1.3.2). */
function decodeAttribute(name: string, value: string): string {
  if (!value.includes("%")) return value;
  try {
    return decodeURIComponent(value);
  } catch (error) {
    throw invalidArgument(`header '${name}' is not valid percent-encoding`, error);
  }
}

function decodeStructured(
  { headers, body }: WireMessage,
  maxDepth: number,
): { event: CloudEvent; message: WireMessage } {
  const reader = new JsonReader(joinChunks(body), { maxDepth });
  if (reader.peek() !== OPEN_OBJECT) throw invalidArgument("a structured CloudEvent must be a JSON object");
  const attributes: Record<string, JsonValue> = {};
  let data: Extent | undefined;
  let base64: JsonValue | undefined;
  reader.object("a CloudEvent", (key) => {
    // Whoever reads the data checks it: these are the bytes that would have come without the event.
    if (key === "data") data = reader.skip();
    else if (key === "data_base64") base64 = reader.value();
    else {
      // An own property even where the key is __proto__.
      const value = reader.value();
      Object.defineProperty(attributes, key, { value, writable: true, enumerable: true, configurable: true });
    }
  });
  reader.end();
  if (data !== undefined && base64 !== undefined)
    throw invalidArgument("a CloudEvent has data or data_base64, not both");
  const type = attributes["datacontenttype"];
  const inner: Record<string, string> = {
    ...headers,
    "content-type": typeof type === "string" ? type : "application/json",
  };
  const bytes = base64 === undefined ? reader.bytes.subarray(data?.start ?? 0, data?.end ?? 0) : fromBase64(base64);
  return { event: { mode: "structured", attributes }, message: { headers: inner, body: [bytes] } };
}

function fromBase64(base64: JsonValue): Uint8Array {
  if (typeof base64 !== "string") throw invalidArgument("CloudEvent member 'data_base64' must be a text");
  return Buffer.from(base64, "base64");
}
