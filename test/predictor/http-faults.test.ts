import { once } from "node:events";
import { createServer as createTcpServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { gzipSync } from "node:zlib";
import type { InferenceError } from "../../src/errors.ts";
import { createHttpPredictor } from "../../src/predictor/http-predictor.ts";
import type { HttpPredictorOptions } from "../../src/predictor/http-predictor-options.ts";
import type { Predictor } from "../../src/predictor/predictor.ts";
import { PredictorFailure } from "../../src/predictor/predictor-failure.ts";
import { createCertificate } from "./certificate.ts";
import { createRecorder, forwardRows } from "./forward-recorder.ts";
import { httpAnswer, type RawServer, startRawServer } from "./raw-server.ts";
import { causesOf, inferenceErrorOf, rowsRequest } from "./requests.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(
  misbehave: (socket: Socket, request: string) => void,
  options: Partial<HttpPredictorOptions> = {},
): Promise<{ readonly server: RawServer; readonly predictor: Predictor }> {
  const server = await startRawServer(misbehave);
  closers.push(server.close);
  return { server, predictor: connect(server.url, options) };
}

function connect(host: string, options: Partial<HttpPredictorOptions> = {}): Predictor {
  const predictor = createHttpPredictor({ host, modelName: "m", ...options });
  closers.push(() => predictor.close());
  return predictor;
}

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
    fault: "no answer within the time of the request",
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

describe("an error that the predictor answers", () => {
  const json = "application/json";
  const statuses = [
    { status: 400, headers: { "content-type": json }, body: '{"error":"bad input"}', message: "bad input" },
    { status: 401, headers: { "www-authenticate": "Bearer" }, body: "", message: "the predictor answered 401" },
    { status: 404, headers: { "content-type": json }, body: '{"detail":"no model"}', message: "no model" },
    { status: 422, headers: { "content-type": json }, body: '{"detail":[{"loc":1}]}', message: '[{"loc":1}]' },
    {
      status: 429,
      headers: { "retry-after": "7", "content-type": "text/plain" },
      body: "slow down",
      message: "slow down",
    },
    {
      status: 500,
      headers: { "content-type": "text/plain" },
      body: "Internal Server Error",
      message: "Internal Server Error",
    },
    { status: 503, headers: { "content-type": json, "retry-after": "1" }, body: '{"error":"busy"}', message: "busy" },
    { status: 503, headers: {}, body: "", message: "the predictor answered 503" },
    { status: 503, headers: { "content-type": "text/html" }, body: "<h1>no</h1>", message: "<h1>no</h1>" },
  ];

  test.each(statuses)("$status '$body' keeps status, headers and body", async ({ status, headers, body, message }) => {
    const { server, predictor } = await start((socket) =>
      socket.write(httpAnswer(status, { ...headers, server: "inside", connection: "keep-alive" }, body)),
    );
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([1])));
    expect(error).toMatchObject({ status, message });
    expect(error.headers).toEqual(headers);
    expect(error.body === undefined ? "" : Buffer.from(error.body as Uint8Array).toString()).toBe(body);
    expect(causesOf(error.cause)).toBe(`predictor 127.0.0.1:${server.port}: answered ${status}\n`);
  });

  test.each(statuses)("$status '$body' is passed through as it is", async ({ status, headers, body }) => {
    const { predictor } = await start((socket) => socket.write(httpAnswer(status, headers, body)));
    const recorder = createRecorder();
    forwardRows(predictor, recorder);
    await recorder.ended;
    expect(recorder.status).toBe(status);
    expect(recorder.headers).toEqual({ ...headers, "content-length": String(body.length) });
    expect(recorder.text()).toBe(body);
  });
});

describe("an answer that is no answer", () => {
  const bodies = [
    { what: "text that is no JSON", body: "<html>" },
    { what: "nothing", body: "" },
    { what: "JSON without predictions", body: "{}" },
    { what: "JSON that goes on", body: '{"predictions":[1]}}' },
  ];
  test.each(bodies)("$what is a 502 when it is read", async ({ body }) => {
    const { predictor } = await start((socket) => socket.write(httpAnswer(200, {}, body)));
    const reading = predictor.infer(rowsRequest([1])).then((response) => response.predictions);
    expect(await inferenceErrorOf(reading)).toMatchObject(BAD_GATEWAY);
  });

  test("one that is declared larger than maxResponseBytes is refused by its head", async () => {
    const { server, predictor } = await start(
      (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n"),
      { maxResponseBytes: 1000 },
    );
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([1])));
    expect(error).toMatchObject({ ...BAD_GATEWAY, message: expect.stringContaining("maxResponseBytes (1000 bytes)") });
    await server.clientGone;
  });

  test("one that grows larger than maxResponseBytes is cut off", async () => {
    const { server, predictor } = await start(
      (socket) => socket.write(`${CHUNKED}${`258\r\n${" ".repeat(600)}\r\n`.repeat(2)}`),
      { maxResponseBytes: 1000 },
    );
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([1])));
    expect(error).toMatchObject({ ...BAD_GATEWAY, message: expect.stringContaining("maxResponseBytes (1000 bytes)") });
    await server.clientGone;
  });

  const gzipped = (body: Buffer, encoding: string) =>
    `HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${body.length}\r\n\r\n`;

  test("one that is compressed, though nobody asked for it, is read", async () => {
    const body = gzipSync('{"predictions":[1]}');
    const { predictor } = await start((socket) => {
      socket.write(gzipped(body, "gzip"));
      socket.write(body);
    });
    expect((await predictor.infer(rowsRequest([1]))).predictions).toEqual([1]);
  });

  test("one that unpacks to more than maxResponseBytes is a 502 that names the limit", async () => {
    const body = gzipSync(" ".repeat(100_000));
    const { predictor } = await start(
      (socket) => {
        socket.write(gzipped(body, "gzip"));
        socket.write(body);
      },
      { maxResponseBytes: 10_000 },
    );
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([1])));
    expect(error).toMatchObject({ ...BAD_GATEWAY, message: expect.stringContaining("maxResponseBytes") });
  });

  test("one of an unknown compression is a 502", async () => {
    const { predictor } = await start((socket) => {
      socket.write(gzipped(Buffer.from("xx"), "br"));
      socket.write("xx");
    });
    expect(await inferenceErrorOf(predictor.infer(rowsRequest([1])))).toMatchObject(BAD_GATEWAY);
  });
});

describe("a client that leaves", () => {
  test("ends the call that is read", async () => {
    const controller = new AbortController();
    const { server, predictor } = await start(() => controller.abort());
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([1]), { signal: controller.signal }));
    expect(error.code).toBe("cancelled");
    await server.clientGone;
  });

  test("ends the call whose answer is on its way", async () => {
    const controller = new AbortController();
    const { server, predictor } = await start((socket) => {
      socket.write(HALF, () => controller.abort());
    });
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([1]), { signal: controller.signal }));
    expect(error.code).toBe("cancelled");
    await server.clientGone;
  });

  test("ends the call that is passed through, which is silent from then on", async () => {
    const recorder = createRecorder();
    const { server, predictor } = await start(() => handle.abort());
    const handle = forwardRows(predictor, recorder);
    await server.clientGone;
    expect(recorder.events).toEqual([]);
  });

  test("ends a call that still waits for a connection, and costs nobody else one", async () => {
    const held: Socket[] = [];
    const { server, predictor } = await start(
      (socket, request) => {
        if (request.includes('"first"')) held.push(socket);
        else socket.write(httpAnswer(200, {}, '{"predictions":[2]}'));
      },
      { connections: 1 },
    );
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const first = predictor.infer(rowsRequest(["first"]));
    while (held.length === 0) await turn();
    const controller = new AbortController();
    const waiting = inferenceErrorOf(predictor.infer(rowsRequest(["left"]), { signal: controller.signal }));
    await turn();
    const last = predictor.infer(rowsRequest(["last"]));
    await turn();
    controller.abort();
    expect((await waiting).code).toBe("cancelled");
    held[0]?.write(httpAnswer(200, {}, '{"predictions":[1]}'));
    expect((await first).predictions).toEqual([1]);
    expect((await last).predictions).toEqual([2]);
    expect(server.requests.some((request) => request.includes("left"))).toBe(false);
    expect(server.clientPorts.size).toBe(1);
  });

  test("is told its own deadline's error when that is why the signal was aborted", async () => {
    const { predictor } = await start(() => undefined);
    const { composeDeadline } = await import("../../src/predictor/deadline.ts");
    const deadline = composeDeadline(undefined, { "x-request-timeout-ms": "20" }, 0);
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([1]), { signal: deadline.signal }));
    expect(error).toMatchObject({ ...TOO_LATE, message: "no answer within 20 ms" });
  });
});
