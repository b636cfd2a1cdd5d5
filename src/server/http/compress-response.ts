import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { type HttpResponse, isStream, toChunks } from "./http-message.ts";

/** Below this a compressed body is hardly smaller, and costs more than it saves. */
const LEAST_BYTES = 1024;

const ENCODERS = {
  gzip: (bytes: Uint8Array) => promisify(gzip)(bytes, { level: 1 }),
  br: (bytes: Uint8Array) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
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
  const plain = toChunks(body);
  const bytes = plain.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  if (bytes < LEAST_BYTES) return vary;
  const compressed = await ENCODERS[encoding](Buffer.concat(plain));
  return { ...vary, headers: { ...vary.headers, "content-encoding": encoding }, body: [compressed] };
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
