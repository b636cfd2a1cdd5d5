import { invalidArgument } from "../../errors.ts";
import type { WireMessage } from "../../inference/content.ts";
import { BACKSLASH, OPEN_OBJECT, QUOTE } from "../../json/json-bytes.ts";
import { type Extent, JsonReader } from "../../json/json-reader.ts";
import { joinChunks } from "../../protocol/body-bytes.ts";
import { parseMediaTypes } from "../../protocol/media-type.ts";
import { resume } from "../../resumable.ts";
import { decodeBase64 } from "../../tensor/elements/base64-decoder.ts";
import type { JsonValue } from "../../tensor/json-value.ts";
import type { Turns } from "../../turns.ts";
import type { CloudEvent } from "./cloud-event.ts";

const STRUCTURED = "application/cloudevents+json";

/** Members of a structured event besides its data; a request's headers are bounded likewise. */
const MAX_ATTRIBUTES = 1024;

interface OpenedEvent {
  readonly event: CloudEvent;
  readonly message: WireMessage;
}

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
 * binding 1.0.2 §3.1 (binary) and §3.2 (structured); batches are refused. A large event is read in turns with other work.
 * @throws InferenceError invalid_argument that names the attribute.
 */
export async function decodeEvent(message: WireMessage, maxJsonDepth: number, turns: Turns): Promise<OpenedEvent> {
  const { event, message: inner } = isStructured(message)
    ? await decodeStructured(message, maxJsonDepth, turns)
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

function decodeBinary({ headers, body }: WireMessage): OpenedEvent {
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

async function decodeStructured({ headers, body }: WireMessage, maxDepth: number, turns: Turns): Promise<OpenedEvent> {
  const reader = new JsonReader(joinChunks(body), { maxDepth });
  await reader.indexInTurns(turns, true);
  const { attributes, data, base64 } = await resume(turns, () => readMembers(reader));
  const type = attributes["datacontenttype"];
  const inner: Record<string, string> = {
    ...headers,
    "content-type": typeof type === "string" ? type : "application/json",
  };
  const bytes =
    base64 === undefined
      ? reader.bytes.subarray(data?.start ?? 0, data?.end ?? 0)
      : await readBase64(reader, base64, turns);
  return { event: { mode: "structured", attributes }, message: { headers: inner, body: [bytes] } };
}

interface Members {
  readonly attributes: Record<string, JsonValue>;
  readonly data?: Extent | undefined;
  readonly base64?: Extent | undefined;
}

function readMembers(reader: JsonReader): Members {
  reader.rewind();
  if (reader.peek() !== OPEN_OBJECT) throw invalidArgument("a structured CloudEvent must be a JSON object");
  const attributes: Record<string, JsonValue> = {};
  let count = 0;
  let data: Extent | undefined;
  let base64: Extent | undefined;
  reader.object("a CloudEvent", (key) => {
    // Whoever reads the data checks it: these are the bytes that would have come without the event.
    if (key === "data") data = reader.skip();
    else if (key === "data_base64") {
      if (reader.peek() !== QUOTE) throw invalidArgument("CloudEvent member 'data_base64' must be a text");
      base64 = reader.skip();
    } else {
      count += 1;
      if (count > MAX_ATTRIBUTES) throw invalidArgument(`a CloudEvent has more than ${MAX_ATTRIBUTES} attributes`);
      // An own property even where the key is __proto__.
      const value = reader.value();
      Object.defineProperty(attributes, key, { value, writable: true, enumerable: true, configurable: true });
    }
  });
  reader.end();
  if (data !== undefined && base64 !== undefined)
    throw invalidArgument("a CloudEvent has data or data_base64, not both");
  return { attributes, data, base64 };
}

async function readBase64(reader: JsonReader, extent: Extent, turns: Turns): Promise<Uint8Array> {
  const start = extent.start + 1;
  const length = extent.end - 1 - start;
  const refuse = (fault: string) => invalidArgument(`CloudEvent member 'data_base64': expected base64, ${fault}`);
  if (!reader.bytes.subarray(start, start + length).includes(BACKSLASH)) {
    const slice = (from: number, to: number) => reader.bytes.toString("utf8", start + from, start + to);
    return turns.finish(decodeBase64(length, slice, { refuse }));
  }
  // Some writers escape the slash.
  const text = (await resume(turns, () => reader.parse(extent))) as string;
  return turns.finish(decodeBase64(text.length, (from, to) => text.slice(from, to), { refuse }));
}
