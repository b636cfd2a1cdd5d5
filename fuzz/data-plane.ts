import type { InferRequest } from "../src/inference/infer-request.ts";
import type { InferResponse } from "../src/inference/infer-response.ts";
import { createLogger } from "../src/observability/logger.ts";
import { createModelServer } from "../src/server/create-app.ts";
import { handleRequest } from "../src/server/http/data-plane.ts";
import { Transformer } from "../src/transformer/transformer.ts";
import { type HostileMessage, LIMITS } from "./messages.ts";

/** Reads everything and answers the same, so that every error is the request's. */
class Reader extends Transformer {
  override predict(request: InferRequest): InferResponse {
    for (const { data } of request.inputs) void data.length;
    return request.reply({ predictions: [1] });
  }
}

/** Sends a message to a whole server, without a socket; throws for a response of 500 or above. */
export function createDataPlane(): (message: HostileMessage) => Promise<void> {
  const server = createModelServer(Reader, {
    modelName: "m",
    limits: LIMITS,
    log: createLogger({ level: "silent" }),
  });
  const loading = server.registry.load();
  return async ({ headers, body }) => {
    await loading;
    const path = "inference-header-content-length" in headers ? "/v2/models/m/infer" : "/v1/models/m:predict";
    const request = { method: "POST", path, query: "", headers, body, signal: new AbortController().signal };
    const answer = await handleRequest(server, request);
    if (answer === undefined || answer.status >= 500) {
      const text = Buffer.concat((answer?.body as Uint8Array[] | undefined) ?? []).toString();
      throw new Error(`the data plane answered ${answer?.status}: ${text}`);
    }
  };
}
