import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { PiecedBody } from "../../../src/inference/content.ts";
import type { HttpClientRequest } from "../../../src/predictor/http/http-client.ts";
import { createHttpClient } from "../../../src/predictor/http/http-predictor.ts";
import { resolveHttpPredictorOptions } from "../../../src/predictor/http/options.ts";
import { LookupTensor } from "../../../src/tensor/lookup-tensor.ts";
import { formatElements } from "../../../src/tensor/write-numbers.ts";
import { createRawHarness } from "../raw-harness.ts";
import { httpAnswer } from "../raw-server.ts";
import { inferenceErrorOf, rowsRequest, tensorsRequest } from "../requests.ts";

const { closers, start, connect } = createRawHarness();

const FINE = httpAnswer(200, { "content-type": "application/json" }, '{"predictions":[1]}');
const table = Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - 0.485) / 0.229);
const bytes = Uint8Array.from({ length: 299 * 299 * 3 }, (_, i) => (i * 7919) >>> 5);
const picture = new LookupTensor("x", [1, 299, 299, 3], bytes, [table]);
const text = `{"instances":${Buffer.from(formatElements(picture, "nested", { pointed: true })).toString("latin1")}}`;

/** A body of `count` pieces that all stand in one buffer, and how many were asked for. */
function inOneBuffer(count: number): PiecedBody & { asked: number; ended: number; readonly digest: string } {
  const buffer = new Uint8Array(128 * 1024);
  const hash = createHash("sha256");
  for (let i = 0; i < count; i++) hash.update(buffer.fill(i));
  return {
    byteLength: count * buffer.length,
    digest: hash.digest("hex"),
    asked: 0,
    ended: 0,
    *[Symbol.iterator]() {
      this.asked = 0;
      try {
        for (let i = 0; i < count; i++) {
          this.asked += 1;
          yield buffer.fill(i);
        }
      } finally {
        this.ended += 1;
      }
    },
    whole: () => [],
  };
}

/** A server that begins to read a body when it is told to, and a client. */
async function startSlow(answer: (request: IncomingMessage) => void) {
  const server = createServer((request, response) => {
    answer(request);
    const hash = createHash("sha256");
    request.on("data", (chunk) => hash.update(chunk));
    request.on("end", () => response.end(hash.digest("hex")));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createHttpClient(resolveHttpPredictorOptions({ host, modelName: "m" }));
  closers.push(async () => client.close?.());
  const send = (pieces: PiecedBody, signal?: AbortSignal) => {
    const request = { method: "POST", origin: host, path: "/", headers: {}, timeoutMs: 60_000, signal } as const;
    return client.request({ ...request, body: [], pieces, maxResponseBytes: 1000 } satisfies HttpClientRequest);
  };
  return { send };
}

test("a predictor gets a picture's text with its length, and all of it", async () => {
  const { server, predictor } = await start((socket) => socket.write(FINE));
  await predictor.infer(tensorsRequest(picture));
  const [head, body] = (server.requests[0] as string).split("\r\n\r\n");
  expect(head).toContain(`content-length: ${text.length}`);
  expect(head).not.toContain("transfer-encoding");
  expect(body === text).toBe(true);
});

test("a kept connection that closes before the first byte of a response gets the text from its start again", async () => {
  const asked = new Map<Socket, number>();
  const { server, predictor } = await start(
    (socket) => {
      const count = (asked.get(socket) ?? 0) + 1;
      asked.set(socket, count);
      if (count === 1) socket.write(FINE);
      else socket.end();
    },
    { connections: 1 },
  );
  await predictor.infer(rowsRequest([1]));
  expect((await predictor.infer(tensorsRequest(picture))).predictions).toEqual([1]);
  const bodies = server.requests.slice(1).map((request) => request.slice(request.indexOf("\r\n\r\n") + 4) === text);
  expect(bodies).toEqual([true, true]);
});

test("no piece is asked for before the socket has taken the one before", async () => {
  let read = (): void => undefined;
  const arrived = new Promise<void>((resolve) => {
    read = resolve;
  });
  let incoming: IncomingMessage | undefined;
  const { send } = await startSlow((request) => {
    incoming = request.pause();
    read();
  });
  const body = inOneBuffer(400);
  const response = send(body);
  await arrived;
  // What is in the sockets of both ends is taken; 50 MB are not.
  let before = -1;
  while (before !== body.asked) {
    before = body.asked;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(body.asked).toBeLessThan(400);
  incoming?.resume();
  const { status, body: answer } = await response;
  expect([status, Buffer.concat(answer).toString()]).toEqual([200, body.digest]);
  expect([body.asked, body.ended]).toEqual([400, 1]);
});

test("a call that is cancelled asks for no more pieces", async () => {
  const leave = new AbortController();
  const { send } = await startSlow((request) => {
    request.pause();
    leave.abort();
  });
  const body = inOneBuffer(400);
  expect(await inferenceErrorOf(send(body, leave.signal))).toMatchObject({ code: "cancelled" });
  while (body.ended === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(body.asked).toBeLessThan(400);
});

test("a client of the user's own finds the whole body, and an observer as well", async () => {
  const sent: string[] = [];
  const predictor = connect("http://127.0.0.1:1", {
    httpClient: {
      request: async ({ body }) => {
        sent.push(Buffer.concat(body).toString("latin1"));
        return { status: 200, headers: {}, body: [Buffer.from('{"predictions":[1]}')] };
      },
    },
  });
  await predictor.infer(tensorsRequest(picture), {
    observe: ({ body }) => sent.push(Buffer.concat(body).toString("latin1")),
  });
  expect(sent[0] === text).toBe(true);
  expect(sent[1]).toBe(sent[0]);
});

test("an infinity is refused before anything is sent", async () => {
  const { server, predictor } = await start((socket) => socket.write(FINE));
  const infinite = new LookupTensor("x", [1, 299, 299, 3], bytes, [new Float32Array(256).fill(Number.NaN, 255)]);
  expect(await inferenceErrorOf(predictor.infer(tensorsRequest(infinite)))).toMatchObject({ code: "invalid_argument" });
  expect(server.clientPorts.size).toBe(0);
});
