import { Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from "node:zlib";
import { InferenceError, invalidArgument } from "../errors.ts";

/** The body was longer than its limit. */
export function tooLarge(what: string, maxBytes: number): InferenceError {
  return new InferenceError(`${what}: larger than the limit of ${maxBytes} bytes`, { code: "payload_too_large" });
}

/** Nobody needs more, and each costs memory of its own. */
const MOST_CODINGS = 3;

/**
 * A whole body without its content codings (RFC 9110 §8.4): gzip, deflate and br. What is no coding (base64 and utf-8 stand in
 * the metadata of many stores) says nothing. Never more than `maxBytes` of it are in memory, coded or not.
 * @throws InferenceError payload_too_large; invalid_argument for data that is not in its coding. The stream is destroyed then.
 */
export async function readBody(
  stream: Readable,
  contentEncoding: string,
  maxBytes: number,
  what: string,
): Promise<Uint8Array> {
  const codings = contentEncoding
    .split(",")
    .map((name) =>
      name
        .trim()
        .toLowerCase()
        .replace(/^x-gzip$/, "gzip"),
    )
    .filter((name) => DECODERS.has(name));
  if (codings.length > MOST_CODINGS) {
    stream.on("error", () => undefined).destroy();
    throw invalidArgument(`${what}: ${codings.length} content codings, expected at most ${MOST_CODINGS}`);
  }
  let bytes: AsyncIterable<Uint8Array> = stream;
  for (const coding of codings.reverse()) bytes = decode(bytes, coding, what);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(what, maxBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, size);
}

/** By the first bytes: `deflate` is zlib's format, but some servers send it bare. */
const DECODERS = new Map<string, (first: Uint8Array) => Transform>([
  ["gzip", () => createGunzip()],
  ["deflate", ([first = 0]) => ((first & 0x0f) === 8 ? createInflate() : createInflateRaw())],
  ["br", () => createBrotliDecompress()],
]);

async function* decode(
  bytes: AsyncIterable<Uint8Array>,
  coding: string,
  what: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = bytes[Symbol.asyncIterator]();
  const first = await source.next();
  // An empty body is empty in every coding.
  if (first.done) return;
  const coded = Readable.from(prepend(first.value, source), { objectMode: false });
  const decoder = DECODERS.get(coding)?.(first.value);
  if (decoder === undefined) return;
  let failure: unknown;
  coded.on("error", (error) => {
    failure = error;
    decoder.destroy(error);
  });
  try {
    yield* coded.pipe(decoder) as AsyncIterable<Uint8Array>;
  } catch (error) {
    // What failed before this coding is no fault of it.
    if (failure !== undefined) throw failure;
    throw invalidArgument(`${what}: its content is not ${coding}, as its Content-Encoding says`, error);
  } finally {
    coded.destroy();
    decoder.destroy();
    await source.return?.();
  }
}

async function* prepend(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
