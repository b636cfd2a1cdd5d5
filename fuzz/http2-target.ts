/** A whole server in a process of its own, which must outlive everything: it reports what it holds, and catches nothing. */
import { readdirSync } from "node:fs";
import type { InferRequest } from "../src/inference/infer-request.ts";
import type { InferResponse } from "../src/inference/infer-response.ts";
import { createLogger } from "../src/observability/logger.ts";
import { serve } from "../src/server/serve.ts";
import { Transformer } from "../src/transformer/transformer.ts";

class Echo extends Transformer {
  override predict(request: InferRequest): InferResponse {
    return request.reply({ predictions: request.instances });
  }
}

const server = await serve(Echo, {
  modelName: "m",
  host: "127.0.0.1",
  port: 0,
  log: createLogger({ level: "silent" }),
  headersTimeoutMs: 400,
  receiveTimeoutMs: 800,
  keepAliveTimeoutMs: 400,
});
await server.ready();
process.on("message", () => {
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  process.send?.({ timers, descriptors: readdirSync("/proc/self/fd").length });
});
process.on("disconnect", () => process.exit());
process.send?.({ port: server.port });
