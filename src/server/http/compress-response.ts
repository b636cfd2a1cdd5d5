import { once } from "node:events";
import type { Transform } from "node:stream";
import { constants, createBrotliCompress, createGzip } from "node:zlib";
import { byteLength } from "../../tensor/join-parts.ts";
import { type HttpResponse, isPieced, isStream } from "./http-message.ts";

/** Below this a compressed body is hardly smaller, and costs more than it saves. */
const LEAST_BYTES = 1024;

const ENCODERS = {
  gzip: () => createGzip({ level: 1 }),
  br: () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
} as const;

/**
 * The response compressed as the client accepts it (RFC 9110 §12.5.3): gzip before br, text and JSON of 1 KiB or more, off the
 * event loop. Streams and what is compressed already go as they are.
 */
export async function compressResponse(accepted: string | undefined, response: HttpResponse): Promise<HttpResponse> {
  const { headers, body } = response;
  const type = String(headers["content-type"] ?? "");
  if (isStream(body) || headers["content-encoding"] !== undefined || !/json|^text\//.test(type)) return response;
  const encoding = chooseEncoding(accepted);
  const vary = { ...response, headers: { ...headers, vary: "Accept-Encoding" } };
  if (encoding === undefined) return vary;
  const bytes = isPieced(body) ? body.byteLength : byteLength(body);
  if (bytes < LEAST_BYTES) return vary;
  const compressed = await compress(body, ENCODERS[encoding]());
  return { ...vary, headers: { ...vary.headers, "content-encoding": encoding }, body: compressed };
}

/** A part at a time: none is joined to another, and a piece is good until the next is asked for. */
async function compress(parts: Iterable<Uint8Array>, encoder: Transform): Promise<readonly Uint8Array[]> {
  const compressed: Uint8Array[] = [];
  encoder.on("data", (chunk: Uint8Array) => compressed.push(chunk));
  const ended = once(encoder, "end");
  // Waited for below, where the parts are written.
  ended.catch(() => undefined);
  for (const part of parts)
    await new Promise<void>((resolve, reject) => {
      encoder.write(part, (error) => (error ? reject(error) : resolve()));
    });
  encoder.end();
  await ended;
  return compressed;
}

function chooseEncoding(accepted = ""): keyof typeof ENCODERS | undefined {
  const weights = new Map<string, number>();
  for (const item of accepted.toLowerCase().split(",")) {
    const [name = "", ...parameters] = item.split(";").map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    weights.set(name, weight === undefined ? 1 : Number(weight.slice(2)));
  }
  const weightOf = (name: string): number => weights.get(name) ?? weights.get("*") ?? 0;
  if (weightOf("gzip") > 0 && weightOf("gzip") >= weightOf("br")) return "gzip";
  return weightOf("br") > 0 ? "br" : undefined;
}
