import { once } from "node:events";
import { connect, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import { createLogger } from "../../../src/observability/logger.ts";
import { createFunctionPredictor } from "../../../src/predictor/embedded/function-predictor.ts";
import { type ServerHandle, serve } from "../../../src/server/serve.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";

const REQUEST = 'POST /v1/models/m:predict HTTP/1.1\r\nhost: m\r\ncontent-length: 17\r\n\r\n{"instances":[0]}';

function start(): Promise<ServerHandle> {
  return serve(class extends Transformer {}, {
    host: "127.0.0.1",
    port: 0,
    modelName: "m",
    log: createLogger({ level: "silent" }),
    predictor: createFunctionPredictor(() => ({ predictions: [1] })),
  });
}

test("a connection that was taken just before the end gets its response, and one that stays silent is closed", async () => {
  const server = await start();
  await server.ready();
  const late = connect(server.port, "127.0.0.1");
  const silent = connect(server.port, "127.0.0.1");
  await Promise.all([once(late, "connect"), once(silent, "connect")]);
  // Both are accepted, and neither has said anything.
  expect((await fetch(`${server.url}/v1/models/m`)).status).toBe(200);
  const closed = server.close();
  late.write(REQUEST);
  const response = String(await text(late));
  expect(response).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(response).toMatch(/^connection: close\r$/im);
  silent.resume();
  await closed;
  if (!silent.closed) await once(silent, "close");
});

/** The event loop does nothing meanwhile, as on a machine that has no time for it: the next thing that it does is timers. */
async function holdLoop(milliseconds: number, before: () => void): Promise<void> {
  await turn();
  before();
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

// The loop runs timers before it reads: what the end does after a time must not come before what has already arrived.
describe("a request that came while the event loop was held is answered, though the time to close came as well", () => {
  test("on a connection that had said nothing", async () => {
    const server = await start();
    await server.ready();
    const late = connect(server.port, "127.0.0.1");
    await once(late, "connect");
    expect((await fetch(`${server.url}/v1/models/m`)).status).toBe(200);
    const closed = server.close();
    await delay(20);
    await holdLoop(400, () => late.write(REQUEST));
    expect(await text(late)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    await closed;
  });

  test("on a kept connection", async () => {
    const server = await start();
    await server.ready();
    const kept = connect(server.port, "127.0.0.1");
    kept.write(REQUEST);
    await once(kept, "data");
    const closed = server.close({ drainDelayMs: 100 });
    await delay(20);
    await holdLoop(300, () => kept.write(REQUEST));
    expect(await text(kept)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    await closed;
  });

  test("on a connection that nobody had accepted", async () => {
    const server = await start();
    await server.ready();
    const closed = server.close({ drainDelayMs: 100 });
    await delay(20);
    const late = new Socket();
    await holdLoop(300, () => late.connect(server.port, "127.0.0.1").write(REQUEST));
    expect(await text(late)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    await closed;
  });
});
