import { InferenceError } from "../../errors.ts";
import type { ModelNames } from "../model-names.ts";
import { PredictorFailure } from "../predictor-failure.ts";
import type { HttpClientResponse } from "./http-client.ts";
import { HttpPaths } from "./paths.ts";

/** The protocols that can be told apart by asking. */
export type DetectedProtocol = "v1" | "v2" | "grpc-v2";

/**
 * Finds out what a predictor speaks: V2 when its server metadata or the model's readiness answers, gRPC when what comes back
 * is no HTTP/1.1, else V1, whose pages tell nothing (TensorFlow Serving has no page but the model's).
 * @throws InferenceError unavailable or bad_gateway when it cannot be told now: no response, a server error, no permission.
 */
export async function detectProtocol(
  get: (path: string) => Promise<HttpClientResponse>,
  basePath: string,
  names: ModelNames,
  modelName: string,
): Promise<DetectedProtocol> {
  const paths = new HttpPaths("v2", basePath, names);
  try {
    if (isServerMetadata(assertTelling(await get(paths.server())))) return "v2";
    const ready = assertTelling(await get(paths.ready(modelName)));
    return ready.status === 200 ? "v2" : "v1";
  } catch (error) {
    if (isNoHttp(error)) return "grpc-v2";
    throw error;
  }
}

/** "Not now" and "not you" say nothing about the protocol. */
function assertTelling(response: HttpClientResponse): HttpClientResponse {
  const { status } = response;
  if (status !== 401 && status !== 403 && status !== 429 && (status < 500 || status === 501)) return response;
  throw new InferenceError(`the predictor answered ${status} when asked which protocol it speaks`, {
    code: status === 503 ? "unavailable" : "bad_gateway",
  });
}

function isServerMetadata({ status, body }: HttpClientResponse): boolean {
  if (status !== 200) return false;
  try {
    const parsed: unknown = JSON.parse(Buffer.concat(body).toString("utf8"));
    return typeof parsed === "object" && parsed !== null && "name" in parsed;
  } catch {
    return false;
  }
}

function isNoHttp(error: unknown): boolean {
  if (!InferenceError.isInstance(error)) return false;
  return error.cause instanceof PredictorFailure && error.cause.kind === "protocol";
}
