import { once } from "node:events";
import { createSecureServer } from "node:http2";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { InferenceError } from "../../../src/errors.ts";
import type { Predictor } from "../../../src/predictor/predictor.ts";
import { createCertificate } from "../certificate.ts";
import { emptyResponse, goAway, startRogueServer } from "./rogue-server.ts";
import { closers, connect, requestOf, x } from "./started-predictor.ts";

/** Short, so that a bound of as much is seen to hold; a call that a busy machine lets run out is made again. */
const BOUND_MS = 500;

async function callsUntil(predictor: Predictor, wanted: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !wanted(); i++) {
    await predictor.infer(requestOf([x])).catch(() => undefined);
    await delay(5);
  }
  expect(wanted()).toBe(true);
}

async function eventually(wanted: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !wanted(); i++) await delay(20);
  expect(wanted()).toBe(true);
}

const LEAVING: readonly [string, (socket: Socket, stream: number) => void][] = [
  ["says GOAWAY", (socket, stream) => socket.write(Buffer.concat([emptyResponse(stream), goAway(0)]))],
  [
    "says GOAWAY and reads no more",
    (socket, stream) => socket.write(Buffer.concat([emptyResponse(stream), goAway(0)]), () => socket.pause()),
  ],
  ["says GOAWAY with an error", (socket, stream) => socket.write(Buffer.concat([emptyResponse(stream), goAway(11)]))],
];

test.each(LEAVING)("a predictor that %s and never closes keeps no connection", async (_name, leave) => {
  let answered = 0;
  const rogue = await startRogueServer((socket, stream) => {
    answered++;
    leave(socket, stream);
  });
  closers.push(() => rogue.close());
  const predictor = connect({ host: `127.0.0.1:${rogue.port}`, connectTimeoutMs: BOUND_MS });
  await callsUntil(predictor, () => answered >= 5);
  await eventually(() => rogue.open.size <= 1);
  await predictor.close();
  await eventually(() => rogue.open.size === 0);
});

test("a connection on which nothing comes is given up, and the next one serves", async () => {
  let connections = 0;
  let answered = 0;
  const rogue = await startRogueServer(
    (socket, stream) => {
      answered++;
      socket.write(emptyResponse(stream));
    },
    (_, serve) => {
      if (++connections > 1) serve();
    },
  );
  closers.push(() => rogue.close());
  const predictor = connect({ host: `127.0.0.1:${rogue.port}`, connectTimeoutMs: BOUND_MS });
  await callsUntil(predictor, () => answered > 0);
});

test("a TLS handshake that never ends is given up, and the next one serves", async () => {
  const { cert, key } = createCertificate();
  const secure = createSecureServer({ cert, key }).on("stream", (stream) => {
    stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "8" }, { endStream: true });
  });
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    if (++connections > 1) secure.emit("connection", socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const predictor = connect({ host: `localhost:${port}`, useSsl: true, ca: cert, connectTimeoutMs: BOUND_MS });
  let code: string | undefined;
  for (let i = 0; i < 200 && code !== "resource_exhausted"; i++) {
    code = (await predictor.infer(requestOf([x])).catch((error: InferenceError) => error.code)) as string;
    await delay(20);
  }
  expect(code).toBe("resource_exhausted");
});

test.each([
  ["HTTP/1.1", "HTTP/1.1 400 Bad Request\r\n\r\n"],
  ["an alert", "\x15\x03\x03\x00\x02\x02\x28"],
])("%s where TLS is asked for is a bad gateway", async (_name, answer) => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(Buffer.from(answer, "latin1")));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  closers.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  await expect(connect({ host: `localhost:${port}`, useSsl: true }).infer(requestOf([x]))).rejects.toMatchObject({
    code: "bad_gateway",
    message: "no trusted TLS connection to the predictor",
  });
});
