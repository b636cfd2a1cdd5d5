import type { Socket } from "node:net";
import type { HttpPredictorOptions } from "../../src/predictor/http/options.ts";
import { httpAnswer } from "../predictor/raw-server.ts";

/** Something that a predictor does wrong. */
export interface HttpFault {
  readonly fault: string;
  /** What the predictor does once it has the whole request. */
  readonly misbehave: (socket: Socket) => void;
  readonly options?: Partial<HttpPredictorOptions>;
}

const json = { "content-type": "application/json" };
const CHUNKED = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
const GOOD = httpAnswer(200, json, '{"predictions":[1]}');
const LONG = `{"predictions":["${"x".repeat(2000)}"]}`;
const answer = (status: number, headers: Readonly<Record<string, string>>, body = "") => {
  return (socket: Socket): void => void socket.write(httpAnswer(status, headers, body));
};

/** Ends what writes into a socket that is gone. */
function drip(socket: Socket, first: string, drop: string): void {
  socket.write(first);
  const timer = setInterval(() => socket.write(drop), 5);
  socket.on("close", () => clearInterval(timer));
}

const TRANSPORT: readonly HttpFault[] = [
  { fault: "reset before the head", misbehave: (socket) => socket.resetAndDestroy() },
  { fault: "close before the head", misbehave: (socket) => socket.end() },
  {
    fault: "reset inside the head",
    misbehave: (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-", () => socket.resetAndDestroy()),
  },
  {
    fault: "reset after the head",
    misbehave: (socket) => socket.write(`${HEAD}content-length: 19\r\n\r\n`, () => socket.resetAndDestroy()),
  },
  {
    fault: "half a body, then close",
    misbehave: (socket) => socket.end(`${HEAD}content-length: 1000\r\n\r\n{"predictions"`),
  },
  { fault: "chunks without their end", misbehave: (socket) => socket.end(`${CHUNKED}5\r\n{"pre\r\n`) },
  {
    fault: "content-length shorter than the body",
    misbehave: (socket) => socket.write(`${HEAD}content-length: 17\r\n\r\n{"predictions":[1]}`),
  },
  {
    fault: "two content lengths",
    misbehave: (socket) => socket.write(`${HEAD}content-length: 1\r\ncontent-length: 2\r\n\r\n{}`),
  },
  {
    fault: "100 Continue, then a response",
    misbehave: (socket) => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${GOOD}`),
  },
  {
    fault: "103 Early Hints, then a response",
    misbehave: (socket) => socket.write(`HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${GOOD}`),
  },
  {
    fault: "101 Switching Protocols",
    misbehave: (socket) => socket.write("HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
  },
  { fault: "not HTTP", misbehave: (socket) => socket.write("SSH-2.0-OpenSSH_9.6\r\n") },
  {
    fault: "HTTP/2 to HTTP/1.1",
    misbehave: (socket) => socket.write(Buffer.from("00000c0400000000000003000000640004ffff", "hex")),
  },
  { fault: "a head without end", misbehave: (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${"x".repeat(100_000)}`) },
  { fault: "silence", misbehave: () => undefined, options: { requestTimeoutMs: 100 } },
  { fault: "no head in time", misbehave: () => undefined, options: { headersTimeoutMs: 100 } },
  {
    fault: "a head, then silence",
    misbehave: (socket) => socket.write(`${HEAD}content-length: 19\r\n\r\n`),
    options: { bodyTimeoutMs: 100 },
  },
  {
    fault: "a head drop by drop",
    misbehave: (socket) => drip(socket, "HTTP/1.1 200 OK\r\n", "x: y\r\n"),
    options: { requestTimeoutMs: 150 },
  },
  {
    fault: "a body drop by drop",
    misbehave: (socket) => drip(socket, CHUNKED, "1\r\n \r\n"),
    // The head comes in time on a busy machine, too.
    options: { requestTimeoutMs: 1000 },
  },
];

const ANSWERS: readonly HttpFault[] = [
  { fault: "400, JSON", misbehave: answer(400, json, '{"error":"bad input"}') },
  { fault: "400, text", misbehave: answer(400, { "content-type": "text/plain" }, "bad input") },
  { fault: "401, challenge, nothing", misbehave: answer(401, { "www-authenticate": "Bearer" }) },
  { fault: "404, FastAPI's JSON", misbehave: answer(404, json, '{"detail":"no model"}') },
  { fault: "404, nothing", misbehave: answer(404, {}) },
  { fault: "429, Retry-After, JSON", misbehave: answer(429, { ...json, "retry-after": "7" }, '{"error":"slow down"}') },
  { fault: "429, Retry-After, nothing", misbehave: answer(429, { "retry-after": "7" }) },
  { fault: "500, JSON", misbehave: answer(500, json, '{"error":"out of memory"}') },
  { fault: "500, text", misbehave: answer(500, { "content-type": "text/plain" }, "Internal Server Error") },
  { fault: "500, nothing", misbehave: answer(500, {}) },
  { fault: "503, Retry-After, JSON", misbehave: answer(503, { ...json, "retry-after": "1" }, '{"error":"busy"}') },
  { fault: "503, HTML", misbehave: answer(503, { "content-type": "text/html" }, "<h1>no healthy upstream</h1>") },
  { fault: "503, nothing", misbehave: answer(503, {}) },
  { fault: "302 to another host", misbehave: answer(302, { location: "http://inside.example/login" }) },
  { fault: "200, HTML", misbehave: answer(200, { "content-type": "text/html" }, "<html>") },
  { fault: "200, nothing", misbehave: answer(200, json) },
  { fault: "200, JSON without predictions", misbehave: answer(200, json, "{}") },
  { fault: "200, half a JSON", misbehave: answer(200, json, '{"predictions":[1') },
  {
    fault: "200, a declared length beyond max_response_bytes",
    misbehave: answer(200, json, LONG),
    options: { maxResponseBytes: 1000 },
  },
  {
    fault: "200, chunks beyond max_response_bytes",
    misbehave: (socket) => socket.write(`${CHUNKED}${LONG.length.toString(16)}\r\n${LONG}\r\n0\r\n\r\n`),
    options: { maxResponseBytes: 1000 },
  },
];

/** Each fault of a predictor over HTTP/1.1. */
export const HTTP_FAULTS: readonly HttpFault[] = [...TRANSPORT, ...ANSWERS];
