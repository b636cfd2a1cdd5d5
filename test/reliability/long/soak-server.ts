/**
 * The server of the soak test, in a process of its own so that its memory is its own: two models, one without hooks and one
 * whose hooks read, wait and make tensors, before a predictor in the same process's neighbour. Answers "memory" with what
 * is in use after a garbage collection.
 */
import type { InferRequest } from "../../../src/inference/infer-request.ts";
import type { InferResponse } from "../../../src/inference/infer-response.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { createMetrics } from "../../../src/observability/metrics.ts";
import { createHttpPredictor } from "../../../src/predictor/http/http-predictor.ts";
import { serve } from "../../../src/server/serve.ts";
import { createTensor } from "../../../src/tensor/tensor.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";

class Plain extends Transformer {}

class Hooked extends Transformer {
  override async preprocess(request: InferRequest): Promise<InferRequest> {
    const { length } = request.instances;
    await new Promise((resolve) => setImmediate(resolve));
    return request.withInputs([createTensor("x", "FP32", [length, 64], new Float32Array(length * 64).fill(0.1))]);
  }

  override postprocess(response: InferResponse): InferResponse {
    return response.withPredictions(response.predictions.map((_row, index) => ({ label: index })));
  }
}

const host = process.argv[2];
const predictor = () => createHttpPredictor({ host, requestTimeoutMs: 2000 });
const server = await serve(
  {
    plain: { transformer: Plain, predictor: predictor() },
    hooked: { transformer: Hooked, predictor: predictor() },
  },
  { host: "127.0.0.1", port: 0, log: createLogger({ level: "silent" }), metrics: createMetrics() },
);
await server.ready();
process.on("message", () => {
  globalThis.gc?.();
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  process.send?.({ rss, used: heapUsed + external + arrayBuffers });
});
process.on("disconnect", () => process.exit(0));
process.send?.({ url: server.url });
