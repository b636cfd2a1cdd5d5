/** Whole servers in a process of their own, which must outlive everything: it reports what it holds, and catches nothing. */
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { InferRequest } from "../src/inference/infer-request.ts";
import type { InferResponse } from "../src/inference/infer-response.ts";
import { createLogger } from "../src/observability/logger.ts";
import { serve } from "../src/server/serve.ts";
import type { ServeOptions } from "../src/server/serve-options.ts";
import { Transformer } from "../src/transformer/transformer.ts";
import { API_KEY, KEY_SET } from "./credentials.ts";

class Echo extends Transformer {
  override predict(request: InferRequest): InferResponse {
    return request.reply({ predictions: request.instances });
  }
}

const provider = createServer((_, response) => response.end(JSON.stringify(KEY_SET))).listen(0, "127.0.0.1");
await once(provider, "listening");
const jwksUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/`;

const open = await startServer({});
const guarded = await startServer({ authentication: { apiKeys: [API_KEY], jwt: { jwksUrl }, exemptHealth: false } });
process.on("message", () => {
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  process.send?.({ timers, descriptors: readdirSync("/proc/self/fd").length });
});
process.on("disconnect", () => process.exit());
process.send?.({ open, guarded });

async function startServer(options: ServeOptions): Promise<number> {
  const server = await serve(Echo, {
    modelName: "m",
    host: "127.0.0.1",
    port: 0,
    log: createLogger({ level: "silent" }),
    headersTimeoutMs: 400,
    receiveTimeoutMs: 800,
    keepAliveTimeoutMs: 400,
    ...options,
  });
  await server.ready();
  return server.port;
}
