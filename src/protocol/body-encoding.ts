import { Readable } from "node:stream";
import { createGunzip, createInflate } from "node:zlib";
import { InferenceError, invalidArgument } from "../errors.ts";

export type ContentEncoding = "identity" | "gzip" | "deflate";

/**
 * The one encoding that a Content-Encoding header names.
 * @throws InferenceError unsupported_media_type for others and for several.
 */
export function readContentEncoding(header: string | undefined): ContentEncoding {
  const encoding = header?.trim().toLowerCase() ?? "";
  switch (encoding) {
    case "":
    case "identity":
      return "identity";
    case "gzip":
    case "x-gzip":
      return "gzip";
    case "deflate":
      return "deflate";
    default:
      throw new InferenceError(`Content-Encoding must be gzip, deflate or identity, got ${encoding.slice(0, 40)}`, {
        code: "unsupported_media_type",
        headers: { "accept-encoding": "gzip, deflate" },
      });
  }
}

/**
 * A body without its compression. The limit counts decompressed bytes and ends the decompression where it is passed, so
 * that a bomb never gets its memory.
 * @throws InferenceError payload_too_large that names the limit, invalid_argument for damaged data,
 *   unsupported_media_type, cancelled when the signal is aborted.
 */
export async function decodeBody(
  chunks: readonly Uint8Array[],
  contentEncoding: string | undefined,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<readonly Uint8Array[]> {
  const encoding = readContentEncoding(contentEncoding);
  if (encoding === "identity") {
    let length = 0;
    for (const chunk of chunks) length += chunk.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    return chunks;
  }
  const decoded: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of decodeStream(chunks, encoding)) {
      signal?.throwIfAborted();
      length += chunk.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      decoded.push(chunk);
    }
  } catch (error) {
    if (signal?.aborted && !InferenceError.isInstance(error)) {
      throw new InferenceError("the client left", { code: "cancelled", cause: error });
    }
    throw error;
  }
  return decoded;
}

/**
 * The same for a body that comes piece by piece and is read as it comes.
 * @throws InferenceError invalid_argument for damaged data, unsupported_media_type; what the body itself throws.
 */
export async function* decodeStream(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  contentEncoding: string | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoding = readContentEncoding(contentEncoding);
  if (encoding === "identity") {
    yield* chunks;
    return;
  }
  const decompress = encoding === "gzip" ? createGunzip() : createInflate();
  const source = Readable.from(chunks, { objectMode: false });
  source.on("error", (error) => decompress.destroy(error));
  try {
    yield* source.pipe(decompress) as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (InferenceError.isInstance(error)) throw error;
    throw invalidArgument(`body is not ${encoding}, as Content-Encoding says`, error);
  } finally {
    source.destroy();
    decompress.destroy();
  }
}

/** Of a predictor's response that could not be decoded: which header is wrong, and what was expected. */
export function describeUndecoded(contentEncoding: string, { code }: InferenceError): string {
  const encoding = contentEncoding.slice(0, 40);
  return code === "unsupported_media_type"
    ? `the predictor's response has the Content-Encoding ${JSON.stringify(encoding)}, expected gzip, deflate or identity`
    : `the predictor's response is not ${encoding}, as its Content-Encoding says`;
}

function tooLarge(maxBytes: number): InferenceError {
  return new InferenceError(`body is larger than the limit of ${maxBytes} bytes after decompression (max_body_bytes)`, {
    code: "payload_too_large",
  });
}
