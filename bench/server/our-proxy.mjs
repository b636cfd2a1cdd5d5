/** Our server without a hook: the body is forwarded unread. */
import { serve, Transformer } from "kserve-transformer";
import { createLogger } from "kserve-transformer/observability";
import { createHttpPredictor } from "kserve-transformer/predictor";

class PassThrough extends Transformer {}
const [, , host, protocol = "v1"] = process.argv;
const server = await serve(PassThrough, {
  host: "127.0.0.1",
  port: 0,
  modelName: "m",
  predictor: createHttpPredictor({ host, protocol, modelName: "m" }),
  log: createLogger({ level: "warn" }),
});
await server.ready();
process.send({ port: server.port });
process.on("message", () => process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() }));
