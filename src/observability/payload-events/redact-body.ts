import { joinMessage, messageLength, type WireMessage } from "../../inference/content.ts";
import { finish } from "../../turns.ts";
import { redactJson } from "./redact-json.ts";

/** What is redacted is read; a longer body is left out in whole. */
const MAX_REDACTED_BYTES = 1024 * 1024;

/** What cannot be read cannot be redacted: it stays here. */
export function redactBody(message: WireMessage, contentType: string, names: ReadonlySet<string>): Buffer {
  const bytes = messageLength(message);
  try {
    const isReadable = /^application\/([\w.+-]*\+)?json\b/.test(contentType) && bytes <= MAX_REDACTED_BYTES;
    if (isReadable) return redactJson(finish(joinMessage(message)), names);
  } catch {
    // No JSON, whatever it says.
  }
  return Buffer.from(JSON.stringify({ redacted: contentType, bytes }));
}
