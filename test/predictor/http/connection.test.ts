import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { createRecorder, forwardRows } from "../../policy/forward-recorder.ts";
import { createCertificate } from "../certificate.ts";
import { createRawHarness } from "../raw-harness.ts";
import { httpAnswer, startRawServer } from "../raw-server.ts";
import { inferenceErrorOf, rowsRequest } from "../requests.ts";

const { closers, start, connect } = createRawHarness();

const FINE = httpAnswer(200, { "content-type": "application/json" }, '{"predictions":[1]}');
const FAILED = httpAnswer(500, { "content-type": "application/json" }, '{"error":"an unhandled exception"}');

/** A call that follows another waits for its connection, and does not open one beside it. */
const ONE = { connections: 1 };

/** A server whose n-th request (from 1) of each connection is answered by the function. */
function perConnection(answer: (socket: Socket, request: number) => void): (socket: Socket) => void {
  const requests = new Map<Socket, number>();
  return (socket) => {
    const request = (requests.get(socket) ?? 0) + 1;
    requests.set(socket, request);
    answer(socket, request);
  };
}

/** Connections that end, or are reset, when a second request comes: what a server that was closing an idle one does. */
const STALE = [
  ["closed", (socket: Socket) => socket.end()],
  ["reset", (socket: Socket) => socket.resetAndDestroy()],
] as const;

test.each(STALE)("a kept connection that is %s before the first byte costs nobody a request", async (_how, leave) => {
  const { server, predictor } = await start(
    perConnection((socket, request) => (request === 1 ? socket.write(FINE) : leave(socket))),
    ONE,
  );
  for (let i = 0; i < 20; i++) expect((await predictor.infer(rowsRequest([i]))).predictions).toEqual([1]);
  const recorder = createRecorder();
  forwardRows(predictor, recorder);
  await recorder.ended;
  expect(recorder.status).toBe(200);
  expect(server.clientPorts.size).toBeGreaterThan(10);
});

test("the same holds under TLS, whose own records are no byte of a response", async () => {
  const certificate = createCertificate();
  const answer = perConnection((socket, request) => (request === 1 ? socket.write(FINE) : socket.end()));
  const listener = createTlsServer(certificate);
  listener.on("secureConnection", (socket) => socket.on("data", () => answer(socket)).on("error", () => undefined));
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  closers.push(async () => void listener.close());
  const { port } = listener.address() as { port: number };
  const predictor = connect(`https://127.0.0.1:${port}`, { ca: certificate.cert, ...ONE });
  for (let i = 0; i < 10; i++) expect((await predictor.infer(rowsRequest([i]))).predictions).toEqual([1]);
});

test("a request is tried once more, not again and again", async () => {
  let requests = 0;
  const { predictor } = await start((socket) => {
    requests += 1;
    if (requests === 1) socket.write(FINE);
    else socket.end();
  }, ONE);
  await predictor.infer(rowsRequest([1]));
  expect(await inferenceErrorOf(predictor.infer(rowsRequest([2])))).toMatchObject({ status: 503 });
  expect(requests).toBe(3);
});

test.each([
  ["a new connection that closes", 0, ""],
  ["a kept connection that closes within the head", 1, "HTTP/1.1 200 OK\r\n"],
])("%s is not tried again: the predictor may have begun", async (_what, good, said) => {
  let requests = 0;
  const { predictor } = await start((socket) => {
    requests += 1;
    if (requests <= good) socket.write(FINE);
    else socket.end(said);
  }, ONE);
  for (let i = 0; i < good; i++) await predictor.infer(rowsRequest([1]));
  expect(await inferenceErrorOf(predictor.infer(rowsRequest([2])))).toMatchObject({ status: 503 });
  expect(requests).toBe(good + 1);
});

test("a connection that brought a 5xx is not used again, one that brought a 4xx is", async () => {
  const seen: number[] = [];
  const answers = [FINE, httpAnswer(400, {}, "no"), FINE, FAILED, FINE, httpAnswer(503, {}, ""), FINE];
  let next = 0;
  const { predictor } = await start((socket) => {
    seen.push(socket.remotePort ?? 0);
    socket.write(answers[next++] ?? FINE);
  }, ONE);
  for (const _ of answers) await predictor.infer(rowsRequest([1])).catch(() => undefined);
  const [first, second, third, failed, after, unavailable, last] = seen;
  expect(new Set([first, second, third, failed]).size).toBe(1);
  expect(after).toBe(unavailable);
  expect(new Set([failed, after, last]).size).toBe(3);
});

test("one client's 500 is not another's 503, where the server closes after it and does not say so", async () => {
  const closing = new Set<Socket>();
  const { predictor } = await start((socket, request) => {
    if (closing.has(socket)) return;
    if (!request.includes("[99]")) {
      socket.write(FINE);
      return;
    }
    closing.add(socket);
    socket.write(FAILED, () => setTimeout(() => socket.destroy(), 5));
  }, ONE);
  const statuses: number[] = [];
  for (let i = 0; i < 40; i++) {
    const ended = predictor.infer(rowsRequest([i % 2 === 0 ? 99 : 1])).then(
      () => 200,
      (error: { readonly status: number }) => error.status,
    );
    statuses.push(await ended);
  }
  expect(statuses).toEqual(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 500 : 200)));
});

/** Refuses from the head and closes, in a process of its own: in this one the response would be read before the next write. */
const EARLY = `
  const server = require("node:http").createServer((request, response) => {
    response.writeHead(413, { "content-type": "application/json", connection: "close" });
    response.end('{"error":"too large"}');
    request.resume();
  });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

test.each(["whole", "in chunks"])("an early refusal of a large body %s wins over the write error", async (form) => {
  const child = spawn(process.execPath, ["-e", EARLY], { stdio: ["ignore", "pipe", "inherit"] });
  closers.push(async () => void child.kill());
  const [port] = await once(child.stdout, "data");
  const predictor = connect(`http://127.0.0.1:${String(port).trim()}`);
  const chunk = Buffer.alloc(64 * 1024, "1");
  const body = form === "whole" ? [Buffer.alloc(24_000_000, "1")] : Array.from({ length: 366 }, () => chunk);
  const statuses: number[] = [];
  for (let i = 0; i < 20; i++) {
    const recorder = createRecorder();
    predictor.forwarder?.forward(
      { verb: "predict", modelName: "m", modelVersion: undefined, message: { headers: {}, body }, headers: {} },
      recorder,
    );
    await recorder.ended.catch(() => undefined);
    statuses.push(recorder.status);
  }
  expect(statuses).toEqual(statuses.map(() => 413));
});

test.each(["099", "600", "999"])("a response of status %s is no HTTP: 502", async (status) => {
  const { predictor } = await start((socket) => socket.write(`HTTP/1.1 ${status} X\r\ncontent-length: 0\r\n\r\n`));
  expect(await inferenceErrorOf(predictor.infer(rowsRequest([1])))).toMatchObject({ status: 502 });
});

test("a server that is gone is a 503, also where connections to it were kept", async () => {
  const server = await startRawServer((socket) => void socket.write(FINE));
  const predictor = connect(server.url);
  await predictor.infer(rowsRequest([1]));
  await server.close();
  expect(await inferenceErrorOf(predictor.infer(rowsRequest([1])))).toMatchObject({ status: 503 });
});
