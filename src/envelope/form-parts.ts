import { Buffer } from "node:buffer";
import { TextDecoder } from "node:util";
import { invalidArgument } from "../errors.ts";
import { type MediaType, parseMediaTypes } from "../protocol/media-type.ts";
import { PIECE, type Steps } from "../turns.ts";

/** A part of a form. */
export interface FormPart {
  readonly name: string | undefined;
  /** Bytes of the form itself; a text in another charset as UTF-8. */
  readonly bytes: Uint8Array;
}

/** Most that a boundary may have (RFC 2046 §5.1.1). */
const MAX_BOUNDARY = 70;
const MAX_HEAD = 16 * 1024;
const HEAD_END = Buffer.from("\r\n\r\n");
const LINE_END = Buffer.from("\r\n");
const DASHES = Buffer.from("--");

/**
 * Parts of a form (RFC 7578, RFC 2046 §5.1), each as soon as its end is found.
 * @throws InferenceError invalid_argument that says what is wrong with the form.
 */
export function* readFormParts(body: Buffer, boundary: string, onPart: (part: FormPart) => void): Steps<void> {
  if (boundary === "" || boundary.length > MAX_BOUNDARY) {
    throw invalidArgument(`content-type: expected a boundary of 1 to ${MAX_BOUNDARY} characters`);
  }
  const delimiter = Buffer.from(`\r\n--${boundary}`, "utf8");
  // The first boundary may have no line before it; what stands before it belongs to nobody.
  const first = delimiter.subarray(LINE_END.length);
  const isFirst = startsWith(body, 0, first) && endsBoundary(body, first.length);
  let at = isFirst ? first.length : (yield* findDelimiter(body, delimiter, 0)) + delimiter.length;
  while (!startsWith(body, at, DASHES)) {
    const line = endOfLine(body, at) as number;
    const head = body.subarray(line, line + MAX_HEAD).indexOf(HEAD_END);
    if (head < 0) throw notAForm(`expected the end of a part's head within ${MAX_HEAD} bytes`, line);
    const start = line + head + HEAD_END.length;
    const end = yield* findDelimiter(body, delimiter, start);
    onPart(yield* readPart(body.toString("utf8", line, line + head), body.subarray(start, end)));
    yield;
    at = end + delimiter.length;
  }
}

/** Where a line begins that is the boundary; one that only starts like it is content. */
function* findDelimiter(body: Buffer, delimiter: Buffer, from: number): Steps<number> {
  for (let at = from; at < body.length; at += PIECE) {
    const piece = body.subarray(at, at + PIECE + delimiter.length - 1);
    for (let found = piece.indexOf(delimiter); found >= 0; found = piece.indexOf(delimiter, found + 1)) {
      const behind = at + found + delimiter.length;
      if (endsBoundary(body, behind)) return at + found;
    }
    yield;
  }
  throw notAForm("it breaks off before its last boundary", body.length);
}

function endsBoundary(body: Buffer, at: number): boolean {
  return startsWith(body, at, DASHES) || endOfLine(body, at) !== undefined;
}

/** Where the line behind a boundary ends, which may have white space; undefined where it has more. */
function endOfLine(body: Buffer, from: number): number | undefined {
  let at = from;
  while (body[at] === 0x20 || body[at] === 0x09) at++;
  return startsWith(body, at, LINE_END) ? at : undefined;
}

function startsWith(body: Buffer, at: number, start: Buffer): boolean {
  return body.length >= at + start.length && body.compare(start, 0, start.length, at, at + start.length) === 0;
}

function* readPart(head: string, content: Buffer): Steps<FormPart> {
  const disposition = parseHeader(head, "content-disposition");
  if (disposition?.essence !== "form-data") {
    throw invalidArgument("body: expected Content-Disposition: form-data in each part of the form");
  }
  const { name, filename } = disposition.parameters;
  const type = parseHeader(head, "content-type");
  const isText = filename === undefined && (type === undefined || type.essence.startsWith("text/"));
  const charset = isText ? type?.parameters["charset"] : undefined;
  if (charset === undefined || /^(utf-?8|us-ascii)$/i.test(charset)) return { name, bytes: content };
  return { name, bytes: yield* toUtf8(content, charset, name) };
}

/** A header of a part's head, whose lines may be folded. */
function parseHeader(head: string, name: string): MediaType | undefined {
  for (const line of head.replace(/\r\n[ \t]+/g, " ").split("\r\n")) {
    const colon = line.indexOf(":");
    if (line.slice(0, colon).trim().toLowerCase() === name) return parseMediaTypes(line.slice(colon + 1))[0];
  }
  return undefined;
}

function* toUtf8(content: Buffer, charset: string, name: string | undefined): Steps<Uint8Array> {
  const decoder = createDecoder(charset, name);
  // A byte is one character at most, and a character beyond ASCII here at most three bytes.
  const target = Buffer.allocUnsafeSlow((content.length + 1) * 3);
  let length = 0;
  for (let at = 0; at < content.length; at += PIECE) {
    length += target.write(decoder.decode(content.subarray(at, at + PIECE), { stream: true }), length, "utf8");
    yield;
  }
  length += target.write(decoder.decode(), length, "utf8");
  return target.subarray(0, length);
}

function createDecoder(charset: string, name: string | undefined): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch (error) {
    throw invalidArgument(`field '${name ?? ""}': charset ${charset.slice(0, 40)} is not known`, error);
  }
}

function notAForm(fault: string, at: number): Error {
  return invalidArgument(`body: not a form: ${fault}, at byte ${at}`);
}
