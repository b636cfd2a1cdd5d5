import { once } from "node:events";
import { createServer as createTcpServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { InferenceError } from "../../../src/errors.ts";
import type { HttpPredictorOptions } from "../../../src/predictor/http/options.ts";
import type { Predictor } from "../../../src/predictor/predictor.ts";
import { PredictorFailure } from "../../../src/predictor/predictor-failure.ts";
import { createRecorder, forwardRows } from "../../policy/forward-recorder.ts";
import { createCertificate } from "../certificate.ts";
import { createRawHarness } from "../raw-harness.ts";
import { httpAnswer, startRawServer } from "../raw-server.ts";
import { causesOf, inferenceErrorOf, rowsRequest } from "../requests.ts";

const { closers, start, connect } = createRawHarness();

/** Both ways to a predictor. */
const WAYS = [
  ["read", (predictor: Predictor) => inferenceErrorOf(predictor.infer(rowsRequest([[1, 2, 3]])))],
  [
    "passed through unread",
    async (predictor: Predictor) => {
      const recorder = createRecorder();
      forwardRows(predictor, recorder);
      return inferenceErrorOf(recorder.ended);
    },
  ],
] as const;

function expectNoAddress(error: InferenceError, port: number): void {
  expect(error.message).not.toContain("127.0.0.1");
  expect(error.message).not.toContain(String(port));
  expect(causesOf(error.cause)).toContain(`127.0.0.1:${port}`);
}

interface Fault {
  readonly fault: string;
  readonly misbehave: (socket: Socket) => void;
  readonly options?: Partial<HttpPredictorOptions>;
  readonly code: string;
  readonly status: number;
  readonly kind: string;
}

const HALF = httpAnswer(200, { "content-length": "1000", "content-type": "application/json" }, '{"predictions"');
const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

const UNAVAILABLE = { code: "unavailable", status: 503 };
const BAD_GATEWAY = { code: "bad_gateway", status: 502 };
const TOO_LATE = { code: "deadline_exceeded", status: 504 };

const FAULTS: readonly Fault[] = [
  { fault: "a reset before the head", misbehave: (socket) => socket.resetAndDestroy(), ...UNAVAILABLE, kind: "reset" },
  { fault: "a close before the head", misbehave: (socket) => socket.end(), ...UNAVAILABLE, kind: "reset" },
  {
    fault: "a reset inside the head",
    misbehave: (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-", () => socket.resetAndDestroy()),
    ...UNAVAILABLE,
    kind: "reset",
  },
  { fault: "half a body", misbehave: (socket) => socket.end(HALF), ...BAD_GATEWAY, kind: "protocol" },
  {
    fault: "a chunked body without its end",
    misbehave: (socket) => socket.end(`${CHUNKED}5\r\n{"pre\r\n`),
    ...BAD_GATEWAY,
    kind: "protocol",
  },
  {
    fault: "a chunk of no size",
    misbehave: (socket) => socket.write(`${CHUNKED}zz\r\n`),
    ...BAD_GATEWAY,
    kind: "protocol",
  },
  {
    fault: "something that is not HTTP",
    misbehave: (socket) => socket.write("SSH-2.0-OpenSSH_9.6\r\n"),
    ...BAD_GATEWAY,
    kind: "protocol",
  },
  {
    fault: "a 101 that names no protocol",
    misbehave: (socket) => socket.write(httpAnswer(101, { "content-length": "2" }, "{}")),
    ...BAD_GATEWAY,
    kind: "protocol",
  },
  {
    fault: "two content lengths",
    misbehave: (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}"),
    ...BAD_GATEWAY,
    kind: "protocol",
  },
  {
    fault: "a head without end",
    misbehave: (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${"x".repeat(100_000)}`),
    ...BAD_GATEWAY,
    kind: "protocol",
  },
  {
    fault: "a redirect",
    misbehave: (socket) => socket.write(httpAnswer(302, { location: "http://inside.example/login" })),
    ...BAD_GATEWAY,
    kind: "redirect",
  },
  {
    fault: "no response within the time of the request",
    misbehave: () => undefined,
    options: { requestTimeoutMs: 50 },
    ...TOO_LATE,
    kind: "timeout",
  },
  {
    fault: "no head within its time",
    misbehave: () => undefined,
    options: { headersTimeoutMs: 50 },
    ...TOO_LATE,
    kind: "timeout",
  },
  {
    fault: "a body that stalls",
    misbehave: (socket) => socket.write(HALF),
    options: { bodyTimeoutMs: 50 },
    ...TOO_LATE,
    kind: "timeout",
  },
  {
    fault: "a body that never ends, drop by drop",
    misbehave: (socket) => {
      socket.write(CHUNKED);
      const drip = setInterval(() => socket.write("1\r\n \r\n"), 5);
      socket.on("close", () => clearInterval(drip));
    },
    options: { requestTimeoutMs: 100 },
    ...TOO_LATE,
    kind: "timeout",
  },
];

describe.each(WAYS)("a predictor whose answer is %s", (_way, errorOf) => {
  test.each(FAULTS)("$fault is a $status", async ({ misbehave, options = {}, code, status, kind }) => {
    const { server, predictor } = await start(misbehave, options);
    const error = await errorOf(predictor);
    expect(error).toMatchObject({ code, status });
    expect(error.cause).toBeInstanceOf(PredictorFailure);
    expect((error.cause as PredictorFailure).kind).toBe(kind);
    expectNoAddress(error, server.port);
    expect(error.message).not.toContain("inside.example");
  });

  test("a refused connection is a 503", async () => {
    const server = await startRawServer(() => undefined);
    await server.close();
    const error = await errorOf(connect(server.url));
    expect(error).toMatchObject({ ...UNAVAILABLE, cause: { kind: "refused" } });
    expectNoAddress(error, server.port);
  });

  test("where a redirect points to is in the log", async () => {
    const { predictor } = await start((socket) =>
      socket.write(httpAnswer(307, { location: "http://inside.example/" })),
    );
    expect(causesOf((await errorOf(predictor)).cause)).toContain("http://inside.example/");
  });

  const trusted = createCertificate();
  const tlsFaults = [
    { what: "an expired certificate", certificate: createCertificate({ days: -1 }), trust: "own" },
    { what: "a certificate that nobody trusts", certificate: trusted, trust: "none" },
    {
      what: "a certificate for another host",
      certificate: createCertificate({ host: "other.example", ip: [10, 0, 0, 1] }),
      trust: "own",
    },
    { what: "no TLS at all", certificate: undefined, trust: "none" },
  ] as const;

  test.each(tlsFaults)("$what is a 502", async ({ certificate, trust }) => {
    const listener = certificate === undefined ? createTcpServer() : createTlsServer(certificate);
    if (certificate === undefined) listener.on("connection", (socket) => socket.end("HTTP/1.1 400 Bad\r\n\r\n"));
    const server = await startRawServer(() => undefined, listener);
    closers.push(server.close);
    const ca = trust === "own" ? certificate?.cert : undefined;
    const error = await errorOf(connect(`127.0.0.1:${server.port}`, { useSsl: true, ca }));
    expect(error).toMatchObject({ ...BAD_GATEWAY, cause: { kind: "tls" } });
    expectNoAddress(error, server.port);
  });
});

test("a trusted certificate, and a client's own where it is asked for, make a connection", async () => {
  const own = createCertificate();
  const client = createCertificate({ host: "client" });
  const tls = createTlsServer({ ...own, ca: client.cert, requestCert: true, rejectUnauthorized: true });
  tls.on("secureConnection", (socket) => {
    socket.once("data", () =>
      socket.end(httpAnswer(200, { "content-type": "application/json" }, '{"predictions":[1]}')),
    );
  });
  tls.listen(0, "127.0.0.1");
  await once(tls, "listening");
  closers.push(async () => void tls.close());
  const host = `https://127.0.0.1:${(tls.address() as { port: number }).port}`;
  const predictor = connect(host, { ca: own.cert, cert: client.cert, key: client.key });
  expect((await predictor.infer(rowsRequest([1]))).predictions).toEqual([1]);
});
