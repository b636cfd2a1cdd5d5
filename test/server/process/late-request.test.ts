import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { createLogger } from "../../../src/observability/logger.ts";
import { createFunctionPredictor } from "../../../src/predictor/embedded/function-predictor.ts";
import { serve } from "../../../src/server/serve.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";

test("a connection that was taken just before the end gets its response, and one that stays silent is closed", async () => {
  const server = await serve(class extends Transformer {}, {
    host: "127.0.0.1",
    port: 0,
    modelName: "m",
    log: createLogger({ level: "silent" }),
    predictor: createFunctionPredictor(() => ({ predictions: [1] })),
  });
  await server.ready();
  const late = connect(server.port, "127.0.0.1");
  const silent = connect(server.port, "127.0.0.1");
  await Promise.all([once(late, "connect"), once(silent, "connect")]);
  // Both are accepted, and neither has said anything.
  expect((await fetch(`${server.url}/v1/models/m`)).status).toBe(200);
  const closed = server.close();
  late.write("POST /v1/models/m:predict HTTP/1.1\r\nhost: m\r\ncontent-length: 17\r\n\r\n" + '{"instances":[0]}');
  const response = String(await text(late));
  expect(response).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(response).toMatch(/^connection: close\r$/im);
  silent.resume();
  await closed;
  if (!silent.closed) await once(silent, "close");
});
