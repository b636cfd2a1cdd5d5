import type { RowSchema, SchemaIssue, SchemaResult } from "../inference/checks/standard-schema.ts";
import { parseBase64 } from "../tensor/elements/base64.ts";
import { sniffImageFormat } from "./image-format.ts";

/** Where an image comes from: a URL to download, or its bytes. */
export type ImageSource = (
  | { readonly url: string; readonly bytes?: undefined }
  | { readonly bytes: Uint8Array; readonly url?: undefined }
) & {
  /** Key of the row that held it, for messages. */
  readonly field?: string;
};

const EXPECTED = 'expected an image as {"url": …}, {"b64": …}, an http(s) or data: URL, or base64 text';

const JSON_SCHEMA = {
  description: "An image: its URL, its bytes in base64, or either as a bare text",
  anyOf: [
    { type: "object", properties: { b64: { type: "string", contentEncoding: "base64" } }, required: ["b64"] },
    { type: "object", properties: { url: { type: "string", format: "uri" } }, required: ["url"] },
    { type: "string" },
  ],
};

/**
 * The schema of a row that is an image, for `request.rows(imageInstance)`:
 *
 * | row | read as |
 * | --- | --- |
 * | `{"url": "https://…"}`, `"https://…"` | download |
 * | `{"url": "data:image/png;base64,…"}`, `"data:…"` | the bytes in the URL |
 * | `{"b64": "…"}`, a text that is no URL | base64, standard or URL-safe |
 * | V2 BYTES element | an image's bytes, or one of the texts above |
 * | an object of one key, `{"image_bytes": …}` | its value, by the rules above |
 *
 * Further keys beside `url` or `b64` are ignored.
 */
export const imageInstance: RowSchema<ImageSource> = {
  wantsBytes: true,
  "~standard": {
    version: 1,
    vendor: "kserve-transformer",
    jsonSchema: { input: () => JSON_SCHEMA },
    validate: (row) => readRow(row, undefined),
  },
};

function readRow(row: unknown, field: string | undefined): SchemaResult<ImageSource> {
  if (typeof row === "string") return readText(row, field);
  if (row instanceof Uint8Array) return readBytes(row, field);
  if (typeof row !== "object" || row === null || Array.isArray(row))
    return refuse(`${EXPECTED}, got ${nameOf(row)}`, field);
  const fields = row as Readonly<Record<string, unknown>>;
  if ("url" in fields) return readUrl(fields["url"], "url");
  if ("b64" in fields) {
    const { b64 } = fields;
    const isUrl = typeof b64 === "string" && /^data:/i.test(b64);
    return isUrl ? readUrl(b64, field ?? "b64") : readBase64(b64, field ?? "b64");
  }
  const [key, ...others] = Object.keys(fields);
  if (key === undefined || others.length > 0 || field !== undefined) {
    return refuse(
      `${EXPECTED}, got an object with the keys ${JSON.stringify(Object.keys(fields)).slice(0, 80)}`,
      field,
    );
  }
  return readRow(fields[key], key);
}

function readUrl(value: unknown, field: string): SchemaResult<ImageSource> {
  const text = value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : value;
  if (typeof text !== "string") return refuse(`expected a URL, got ${nameOf(value)}`, field);
  if (!/^(https?|data):/i.test(text.trim())) return refuse(`expected an http, https or data: URL`, field);
  return readText(text, field);
}

function readText(text: string, field: string | undefined): SchemaResult<ImageSource> {
  const trimmed = text.trim();
  if (/^https?:/i.test(trimmed)) return accept({ url: trimmed }, field);
  if (/^data:/i.test(trimmed)) return readDataUrl(trimmed, field);
  return readBase64(trimmed, field);
}

/** RFC 2397. */
function readDataUrl(text: string, field: string | undefined): SchemaResult<ImageSource> {
  const comma = text.indexOf(",");
  if (comma < 0) return refuse("data: URL without a comma", field);
  const content = text.slice(comma + 1);
  if (/;\s*base64\s*$/i.test(text.slice(0, comma))) {
    return readBase64(content.includes("%") ? decodePercent(content) : content, field);
  }
  return accept({ bytes: decodePercent(content) }, field);
}

/** In place and in one pass: a replacement for each escape holds the event loop for seconds where there are millions. */
function decodePercent(text: string): Uint8Array {
  const bytes = Buffer.from(text, "latin1");
  let to = bytes.indexOf(PERCENT);
  if (to < 0) return bytes;
  for (let from = to; from < bytes.length; to++) {
    const byte = bytes[from] as number;
    const high = byte === PERCENT ? hexDigit(bytes[from + 1]) : -1;
    const low = high < 0 ? -1 : hexDigit(bytes[from + 2]);
    bytes[to] = low < 0 ? byte : high * 16 + low;
    from += low < 0 ? 1 : 3;
  }
  return bytes.subarray(0, to);
}

const PERCENT = 0x25;

/** The value of a hexadecimal digit, -1 for what is none and for the end of the text. */
function hexDigit(code: number | undefined): number {
  return code === undefined ? -1 : (HEX_DIGITS[code] as number);
}

const HEX_DIGITS: Int8Array = Int8Array.from({ length: 256 }, (_, code) =>
  "0123456789abcdef".indexOf(String.fromCharCode(code).toLowerCase()),
);

function readBase64(value: unknown, field: string | undefined): SchemaResult<ImageSource> {
  const text = value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value;
  if (typeof text !== "string") return refuse(`expected base64 text, got ${nameOf(value)}`, field);
  const strict = parseBase64(text);
  if (strict !== undefined) return accept({ bytes: strict }, field);
  if (/[^A-Za-z0-9+/_=\s-]/.test(text)) return refuse(`${EXPECTED}; this text is neither a URL nor base64`, field);
  return accept({ bytes: Buffer.from(text, "base64") }, field);
}

function readBytes(bytes: Uint8Array, field: string | undefined): SchemaResult<ImageSource> {
  if (sniffImageFormat(bytes) !== undefined) return accept({ bytes }, field);
  const head = Buffer.from(bytes.subarray(0, 64)).toString("latin1");
  if (/^\s*(https?|data):/i.test(head)) return readText(Buffer.from(bytes).toString("utf8"), field);
  if (bytes.length > 0 && /^[A-Za-z0-9+/_\s-]+=*\s*$/.test(head)) return readBase64(bytes, field);
  return accept({ bytes }, field);
}

function accept(source: ImageSource, field: string | undefined): SchemaResult<ImageSource> {
  return { value: field === undefined ? source : { ...source, field } };
}

function refuse(message: string, field: string | undefined): SchemaResult<ImageSource> {
  const issue: SchemaIssue = field === undefined ? { message } : { message, path: [field] };
  return { issues: [issue] };
}

function nameOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}
