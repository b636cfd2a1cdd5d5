import { InferenceError } from "../../errors.ts";
import { decodeBody, describeUndecoded } from "../../protocol/body-encoding.ts";
import { explainNotFound, PredictorFailure, predictorError } from "../predictor-failure.ts";
import type { HttpClientResponse } from "./http-client.ts";
import { responseTooLarge } from "./response-collector.ts";

/** Headers of an error response that a client can act on. */
const KEPT = ["content-type", "retry-after", "www-authenticate"] as const;

/**
 * The response with its compression undone; at once where it has none.
 * @throws InferenceError bad_gateway for an unknown or damaged compression, or more than `maxBytes`.
 */
export function decompressResponse(
  address: string,
  response: HttpClientResponse,
  maxBytes: number,
  signal: AbortSignal | undefined,
): HttpClientResponse | Promise<HttpClientResponse> {
  const encoding = response.headers["content-encoding"];
  // Before the headers are copied: that costs more than the rest of a small response.
  if (encoding === undefined) return response;
  const { "content-encoding": _encoding, ...headers } = response.headers;
  return decompress(address, response.body, encoding, maxBytes, signal).then((body) => ({
    status: response.status,
    headers,
    body,
  }));
}

async function decompress(
  address: string,
  body: readonly Uint8Array[],
  encoding: string,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<readonly Uint8Array[]> {
  try {
    return await decodeBody(body, encoding, maxBytes, signal);
  } catch (error) {
    if (!InferenceError.isInstance(error) || error.code === "cancelled") throw error;
    if (error.code === "payload_too_large") throw responseTooLarge(address, maxBytes);
    const detail = `predictor ${address}: response of content-encoding ${encoding}: ${error.message}`;
    throw predictorError("protocol", detail, error, describeUndecoded(encoding, error));
  }
}

/**
 * Throws what a response of another status than 2xx means: the predictor's own status, body and headers for the client; a
 * redirect is a 502. Where a model was asked for, a 404 names it instead of having that body.
 */
export function assertSuccessful(address: string, response: HttpClientResponse, predictorModelName?: string): void {
  const { status, headers, body } = response;
  if (status >= 200 && status < 300) return;
  if (status < 400) {
    throw predictorError("redirect", `predictor ${address}: ${status} to ${String(headers["location"])}`);
  }
  const bytes = Buffer.concat(body);
  const text = errorText(bytes);
  const kept: Record<string, string> = {};
  for (const name of KEPT) {
    const value = headers[name];
    if (value !== undefined) kept[name] = value;
  }
  const error = new InferenceError(text === "" ? `the predictor answered ${status}` : text, {
    status,
    headers: kept,
    ...(bytes.length === 0 ? {} : { body: bytes }),
    cause: new PredictorFailure("status", `predictor ${address}: answered ${status}`),
  });
  throw predictorModelName === undefined ? error : explainNotFound(error, predictorModelName);
}

const MAX_TEXT = 1000;

/**
 * What an error body says, for clients and logs that take a sentence (gRPC): `error` or `detail` or `message` of its JSON, else
 * its text.
 */
function errorText(bytes: Buffer): string {
  const text = bytes
    .subarray(0, 64 * 1024)
    .toString("utf8")
    .trim();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return text.slice(0, MAX_TEXT);
  }
  if (typeof parsed !== "object" || parsed === null) return text.slice(0, MAX_TEXT);
  const { error, detail, message } = parsed as Record<string, unknown>;
  const said = error ?? detail ?? message ?? parsed;
  return (typeof said === "string" ? said : JSON.stringify(said)).slice(0, MAX_TEXT);
}
