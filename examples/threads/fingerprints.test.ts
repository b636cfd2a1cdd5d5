import { type ServerHandle, serve } from "kserve-transformer/server";
import { testTransformer } from "kserve-transformer/testing";
import Fingerprints from "./fingerprints.ts";

/** Some tenths of a second of CPU. */
const SLOW = { text: "x".repeat(1000), rounds: 300_000 };
const QUICK = { text: "x", rounds: 0 };

async function ask(server: ServerHandle, row: object): Promise<unknown> {
  const body = JSON.stringify({ instances: [row] });
  const response = await fetch(`${server.url}/v1/models/model:predict`, { method: "POST", body });
  return response.json();
}

test("without a server the same work is done on the event loop", async () => {
  const fingerprints = testTransformer(Fingerprints);
  const { predictions } = await fingerprints.predict({ instances: [{ text: "ab", rounds: 1 }] });
  // FNV-1a of "ab", as 32 bits with a sign.
  expect(predictions).toEqual([0x4d2505ca]);
  await fingerprints.close();
});

test.each([
  ["in a thread other requests go on while one burns CPU", 1, 10],
  ["on the event loop they wait for it", 0, 0],
])("%s", async (_, imageThreads, least) => {
  const server = await serve(Fingerprints, { host: "127.0.0.1", port: 0, imageThreads });
  await server.ready();
  try {
    await ask(server, { text: "x", rounds: 1 });
    let isRunning = true;
    const slow = ask(server, SLOW).finally(() => {
      isRunning = false;
    });
    // Time for the slow one to begin.
    await new Promise((resolve) => setTimeout(resolve, 50));
    let answered = 0;
    while (isRunning) {
      expect(await ask(server, QUICK)).toEqual({ predictions: [0] });
      if (isRunning) answered += 1;
    }
    expect(await slow).toEqual({ predictions: [expect.any(Number)] });
    if (least > 0) expect(answered).toBeGreaterThan(least);
    else expect(answered).toBeLessThanOrEqual(1);
  } finally {
    await server.close();
  }
});
