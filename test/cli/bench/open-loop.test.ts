import { setTimeout as delay } from "node:timers/promises";
import { openLoop } from "../../../src/cli/bench/load/open-loop.ts";
import type { LoadClient, Outcome } from "../../../src/cli/bench/load-client.ts";

/** A client whose requests end when the test says so. */
function createClient(): {
  client: LoadClient;
  sent: number[];
  opened: () => number;
  endAll: () => void;
  endsAtOnce: boolean;
} {
  const sent: number[] = [];
  const open: ((outcome: Outcome) => void)[] = [];
  let opened = 0;
  const handle = {
    sent,
    opened: () => opened,
    endsAtOnce: false,
    endAll: () => {
      for (const end of open.splice(0)) end({});
    },
    client: {
      open: () => {
        opened += 1;
        return {
          send: (index: number): Promise<Outcome> => {
            sent.push(index);
            return handle.endsAtOnce ? Promise.resolve({}) : new Promise((resolve) => void open.push(resolve));
          },
          close: () => undefined,
        };
      },
      close: () => undefined,
    },
  };
  return handle;
}

test("requests go out at the rate although none ends, up to the connections; the others wait", async () => {
  const handle = createClient();
  const load = openLoop({ rate: 200, connections: 5 })(handle.client, { ended: () => undefined });
  await delay(150);
  expect(handle.sent).toEqual([0, 1, 2, 3, 4]);
  expect(handle.opened()).toBe(5);
  expect(load.waiting).toBeGreaterThanOrEqual(20);
  await load.stop(0);
});

test("the latency counts from the instant at which a request was due: a stall is charged to all that it kept waiting", async () => {
  const handle = createClient();
  const latencies: number[] = [];
  const load = openLoop({ rate: 100, connections: 1 })(handle.client, {
    ended: (_outcome, milliseconds) => void latencies.push(milliseconds),
  });
  await delay(300);
  handle.endsAtOnce = true;
  handle.endAll();
  await delay(0);
  await load.stop(1000);
  // One request stalled; those due 10, 20, … ms later waited that much less.
  expect(latencies.length).toBeGreaterThanOrEqual(25);
  expect(latencies[0]).toBeGreaterThanOrEqual(295);
  expect(latencies[10]).toBeGreaterThanOrEqual(195);
});

test("a fast server gets as many requests as are due, over few connections", async () => {
  const handle = createClient();
  handle.endsAtOnce = true;
  const load = openLoop({ rate: 1000, connections: 50 })(handle.client, { ended: () => undefined });
  const from = performance.now();
  await delay(200);
  const due = performance.now() - from;
  await load.stop(1000);
  expect(handle.sent.length).toBeGreaterThanOrEqual(due * 0.5);
  expect(handle.sent.length).toBeLessThanOrEqual(due + 50);
  expect(handle.sent).toEqual(handle.sent.map((_, index) => index));
  expect(load.waiting).toBe(0);
});
