import { InferenceError, invalidArgument } from "../errors.ts";
import type { RowSchema, SchemaIssue, SchemaResult } from "../inference/checks/standard-schema.ts";
import { parseBase64 } from "../tensor/elements/base64.ts";
import { PIECE } from "../turns.ts";
import { sniffImageFormat } from "./image-format.ts";
import { type TextForm, TextSource } from "./text-source.ts";

/** Where an image comes from: a URL to download, or its bytes. */
export type ImageSource = (
  | { readonly url: string; readonly bytes?: undefined }
  | { readonly bytes: Uint8Array; readonly url?: undefined }
) & {
  /** Key of the row that held it, for messages. */
  readonly field?: string;
};

/** A text, or its bytes in UTF-8. */
type Text = string | Uint8Array;

/** Characters of a URL, and of what stands before the comma of a data: URL. */
const MAX_URL = 64 * 1024;
const COMMA = 0x2c;
const PERCENT = 0x25;

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
 * Further keys beside `url` or `b64` are ignored. A file in `url` or `b64`, as a form's field has it, is read as the file.
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
    if (isFile(b64)) return accept({ bytes: b64 }, field ?? "b64");
    const isUrl = isText(b64) && /^\s*data:/i.test(headOf(b64));
    return isUrl ? readDataUrl(b64, field ?? "b64") : readBase64(b64, field ?? "b64");
  }
  const [key, ...others] = Object.keys(fields);
  if (key === undefined || others.length > 0 || field !== undefined) {
    return refuse(
      `${EXPECTED}, got an object with the keys ${JSON.stringify(Object.keys(fields)).slice(0, 80)}${others.length > 0 ? "; of several keys name the image's 'b64' or 'url'" : ""}`,
      field,
    );
  }
  return readRow(fields[key], key);
}

/** A form's file, and what a V2 client put into a column of this name, is what it is. */
function isFile(value: unknown): value is Uint8Array {
  if (!(value instanceof Uint8Array)) return false;
  if (sniffImageFormat(value) !== undefined) return true;
  const head = Buffer.from(value.subarray(0, 64)).toString("latin1");
  return /[^\t\n\r\x20-\x7e]/.test(head) && !/^\s*(https?|data):/i.test(head);
}

function readUrl(value: unknown, field: string): SchemaResult<ImageSource> {
  if (isFile(value)) return accept({ bytes: value }, field);
  if (!isText(value)) return refuse(`expected a URL, got ${nameOf(value)}`, field);
  if (!/^\s*(https?|data):/i.test(headOf(value))) return refuse(`expected an http, https or data: URL`, field);
  return readText(value, field);
}

function readText(text: Text, field: string | undefined): SchemaResult<ImageSource> {
  const head = headOf(text);
  if (/^\s*data:/i.test(head)) return readDataUrl(text, field);
  if (!/^\s*https?:/i.test(head)) return readBase64(text, field);
  if (text.length > MAX_URL) return refuse(`a URL of ${text.length} characters, expected at most ${MAX_URL}`, field);
  return accept({ url: (typeof text === "string" ? text : Buffer.from(text).toString("utf8")).trim() }, field);
}

/** RFC 2397; what is no ASCII stands for its bytes in UTF-8, as in every URL. */
function readDataUrl(text: Text, field: string | undefined): SchemaResult<ImageSource> {
  const comma = typeof text === "string" ? text.indexOf(",") : text.indexOf(COMMA);
  if (comma < 0) return refuse("data: URL without a comma", field);
  if (comma > MAX_URL) return refuse(`data: URL without a comma in its first ${MAX_URL} characters`, field);
  const hasEscapes = typeof text === "string" ? text.includes("%") : text.includes(PERCENT);
  const isBase64 = /;\s*base64\s*$/i.test(headOf(text).slice(0, comma));
  return readContent(text, { start: comma + 1, isBase64, hasEscapes }, field);
}

function readBase64(value: unknown, field: string | undefined): SchemaResult<ImageSource> {
  if (!isText(value)) return refuse(`expected base64 text, got ${nameOf(value)}`, field);
  return readContent(value, { start: 0, isBase64: true, hasEscapes: false }, field);
}

/** Short text is read at once, long text when somebody asks for its bytes. */
function readContent(text: Text, form: Omit<TextForm, "refuse">, field: string | undefined): SchemaResult<ImageSource> {
  // Most are strict, and read at native speed.
  const isPlain = typeof text === "string" && text.length <= PIECE && form.isBase64 && !form.hasEscapes;
  const strict = isPlain ? parseBase64(text.slice(form.start)) : undefined;
  if (strict !== undefined) return accept({ bytes: strict }, field);
  const source = new TextSource(text, { ...form, refuse: noImage }, field);
  if (text.length > PIECE) return { value: source };
  try {
    return accept({ bytes: source.bytes }, field);
  } catch (error) {
    if (!InferenceError.isInstance(error)) throw error;
    return refuse(error.message, field);
  }
}

function noImage(fault: string): InferenceError {
  return invalidArgument(`${EXPECTED}; this text is neither a URL nor base64: ${fault}`);
}

function readBytes(bytes: Uint8Array, field: string | undefined): SchemaResult<ImageSource> {
  if (sniffImageFormat(bytes) !== undefined) return accept({ bytes }, field);
  const head = Buffer.from(bytes.subarray(0, 64)).toString("latin1");
  if (/^\s*(https?|data):/i.test(head)) return readText(bytes, field);
  if (bytes.length > 0 && /^[A-Za-z0-9+/_\s-]+=*\s*$/.test(head)) return readBase64(bytes, field);
  return accept({ bytes }, field);
}

function isText(value: unknown): value is Text {
  return typeof value === "string" || value instanceof Uint8Array;
}

/** As much of a text as a URL may have. */
function headOf(text: Text): string {
  return typeof text === "string" ? text.slice(0, MAX_URL) : Buffer.from(text.subarray(0, MAX_URL)).toString("latin1");
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
