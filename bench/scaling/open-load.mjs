/** Clients that do not wait for one another: requests leave at seeded Poisson times, whatever came back so far. */
import { Agent, request as send } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { createRandom } from "./random.mjs";

/**
 * @param rate requests a second
 * @returns seconds that each response took, from the moment it was due: a late start of ours counts (no coordinated omission)
 * @throws Error at any status but 200
 */
export async function openLoad({ port, path, body, rate, seconds, connections = 256, seed = 1 }) {
  const random = createRandom(seed);
  // Random rather than the connection used last: workers own connections, and each is to get its share.
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: "fifo" });
  const times = [];
  const pending = [];
  const began = performance.now();
  for (let due = 0; due < seconds; due += random.exponential(1 / rate)) {
    const left = began + due * 1000 - performance.now();
    if (left > 1) await delay(left);
    pending.push(ask({ agent, port, path, body }).then(() => times.push((performance.now() - began) / 1000 - due)));
  }
  await Promise.all(pending);
  agent.destroy();
  return times;
}

function ask({ agent, port, path, body }) {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const outgoing = send({ agent, host: "127.0.0.1", port, path, method: "POST", headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
      response.resume().on("end", resolve);
    });
    outgoing.on("error", reject).end(body);
  });
}
