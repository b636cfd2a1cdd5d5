import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { IncomingBody, WINDOW_BYTES } from "../../../../src/server/http/unread/incoming-body.ts";

const CHUNK = 64 * 1024;
const MEGABYTE = 1024 * 1024;

/** A body whose chunks the test writes, and what it told. */
function open(chunks: number) {
  const source = new PassThrough({ highWaterMark: CHUNK });
  const told: string[] = [];
  const handler = { ready: () => told.push("ready"), failed: (error: unknown) => told.push(String(error)) };
  const body = new IncomingBody(source as unknown as IncomingMessage, chunks * CHUNK, { headLength: 0 }, handler);
  return { source, body, told };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await setImmediate();
}

/** Chunk `n` is full of `n`. */
const chunk = (n: number) => Buffer.alloc(CHUNK, n);

test("a body that nobody reads is paused at the window, and goes on when it is read", async () => {
  const { source, body } = open(100);
  let taken = 0;
  const write = (n: number): void => {
    if (n < 100) source.write(chunk(n), () => write(n + 1));
    taken = n;
  };
  write(0);
  await settle();
  // What waits, and what the stream itself holds.
  expect(taken * CHUNK).toBeLessThanOrEqual(WINDOW_BYTES + 4 * CHUNK);
  let read = 0;
  for await (const part of body) {
    read += part.byteLength;
    if (read === 100 * CHUNK) break;
  }
  expect(taken).toBe(100);
});

test("it can be read again from the start until a megabyte has come; then it is not whole, and its chunks are let go", async () => {
  const { source, body } = open(40);
  const first = body[Symbol.asyncIterator]();
  const numbers: number[] = [];
  for (let n = 0; n < 16; n++) {
    source.write(chunk(n));
    numbers.push((await first.next()).value?.[0]);
  }
  expect([body.isWhole, numbers]).toEqual([true, Array.from({ length: 16 }, (_, n) => n)]);
  const second = body[Symbol.asyncIterator]();
  expect((await second.next()).value?.[0]).toBe(0);
  await expect(first.next()).rejects.toThrow("read again");
  expect(16 * CHUNK).toBe(MEGABYTE);
  source.write(chunk(16));
  for (let n = 1; n <= 16; n++) expect((await second.next()).value?.[0]).toBe(n);
  expect(body.isWhole).toBe(false);
});

test("a connection that closes in the middle is told once, and ends the reading with the same error", async () => {
  const { source, body, told } = open(4);
  const reading = body[Symbol.asyncIterator]();
  source.write(chunk(0));
  await reading.next();
  const next = reading.next();
  source.destroy();
  await expect(next).rejects.toThrow("the client left");
  expect(told).toEqual(["ready", expect.stringContaining("the client left")]);
});
