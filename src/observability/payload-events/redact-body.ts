import { redactJson } from "./redact-json.ts";

/** What is redacted is read; a longer body is left out in whole. */
const MAX_REDACTED_BYTES = 1024 * 1024;

/** What cannot be read cannot be redacted: it stays here. */
export function redactBody(body: Buffer, contentType: string, names: ReadonlySet<string>): Buffer {
  try {
    const isReadable = /^application\/([\w.+-]*\+)?json\b/.test(contentType) && body.length <= MAX_REDACTED_BYTES;
    if (isReadable) return redactJson(body, names);
  } catch {
    // No JSON, whatever it says.
  }
  return Buffer.from(JSON.stringify({ redacted: contentType, bytes: body.length }));
}
