import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { promisify } from "node:util";
import { Server as GrpcServer, type handleUnaryCall, ServerCredentials } from "@grpc/grpc-js";
import { InferenceError } from "../../../src/errors.ts";
import type { WireMessage } from "../../../src/inference/content.ts";
import { InferRequest } from "../../../src/inference/infer-request.ts";
import { RowValues, TensorValues } from "../../../src/inference/own-values.ts";
import { createGrpcPredictor } from "../../../src/predictor/grpc/grpc-predictor.ts";
import type { GrpcPredictorOptions } from "../../../src/predictor/grpc/options.ts";
import type { Predictor } from "../../../src/predictor/predictor.ts";
import { joinChunks } from "../../../src/protocol/body-bytes.ts";
import { grpcCodec } from "../../../src/protocol/grpc/grpc-codec.ts";
import { MODEL_INFER } from "../../../src/protocol/grpc/infer-message.ts";
import { hasField, readModel } from "../../../src/protocol/grpc/message-head.ts";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";
import { DATATYPES, type Datatype } from "../../../src/tensor/datatype.ts";
import { fromRawBytes } from "../../../src/tensor/raw-elements.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { createCertificate } from "../../server/grpc/grpc-certificate.ts";
import {
  createEchoServer,
  type EchoServer,
  type Respond,
  type RunningGrpc,
  runGrpc,
  type SeenCall,
} from "../../server/grpc/grpc-fixtures.ts";

const closers: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Started {
  readonly predictor: Predictor;
  readonly echo: EchoServer;
  readonly calls: SeenCall[];
  readonly port: number;
}

async function serve(respond?: Respond, host = "127.0.0.1", port = 0) {
  const calls: SeenCall[] = [];
  const echo = createEchoServer((request, call) => {
    calls.push(call);
    return respond === undefined ? request.reply({ outputs: request.inputs }) : respond(request, call);
  });
  const server = await runGrpc(echo.server, { host, port });
  closers.push(() => server.close(0));
  return { echo, calls, port: server.port, server };
}

function connect(options: GrpcPredictorOptions): Predictor {
  const predictor = createGrpcPredictor({ modelName: "m", ...options });
  closers.push(() => predictor.close());
  return predictor;
}

async function start(respond?: Respond, options: Partial<GrpcPredictorOptions> = {}): Promise<Started> {
  const { echo, calls, port } = await serve(respond);
  return { echo, calls, port, predictor: connect({ host: `127.0.0.1:${port}`, ...options }) };
}

function requestOf(tensors: readonly Tensor[], extra = {}): InferRequest {
  const content = { parameters: {}, members: {}, values: new TensorValues(tensors, "input"), ...extra };
  return new InferRequest({ modelName: "m", content });
}

const x: Tensor = { name: "x", datatype: "FP32", shape: [2], data: Float32Array.of(1.5, Number.NEGATIVE_INFINITY) };

/** A request over the bytes of a client. */
function unread(request = requestOf([x])): InferRequest {
  const message = grpcCodec.encodeRequest(request, { forwardRequestedOutputs: true });
  return grpcCodec.decodeRequest(message, { modelName: "m", limits: DEFAULT_LIMITS });
}

function bodyOf(holder: { readonly message: WireMessage } | undefined): Buffer {
  return joinChunks(holder?.message.body ?? []);
}

describe("infer", () => {
  test("every datatype goes there and back, bit by bit", async () => {
    const { predictor } = await start();
    const tensors = Object.entries(DATATYPES).map(([datatype, { bytes }], index) => {
      const raw =
        bytes === 0 ? Buffer.from([1, 0, 0, 0, 255, 0, 0, 0, 0]) : Buffer.alloc(bytes * 2, index === 0 ? 1 : 0xf9);
      return fromRawBytes(`t${index}`, datatype as Datatype, [2], raw);
    });
    const response = await predictor.infer(requestOf(tensors));
    expect(response.outputs.map(({ name, datatype, shape, data }) => ({ name, datatype, shape, data }))).toEqual(
      tensors.map(({ name, datatype, shape, data }) => ({ name, datatype, shape, data })),
    );
  });

  test("raw contents by default, typed ones when asked for", async () => {
    const { predictor, calls, port } = await start();
    await predictor.infer(requestOf([x]));
    await connect({ host: `127.0.0.1:${port}`, rawContents: false }).infer(requestOf([x]));
    expect(calls.map(({ message }) => hasField(message, 7))).toEqual([true, false]);
  });

  test("a gRPC client's message goes on byte for byte", async () => {
    const { predictor, calls } = await start();
    const request = unread(requestOf([x], { id: "1", parameters: { p: 1 } }));
    const response = await predictor.infer(request);
    expect(bodyOf(calls[0])).toEqual(bodyOf(request.source));
    expect(request.source?.isRead).toBe(false);
    expect(response.output().data).toEqual(x.data);
  });

  test("requested outputs travel only when nothing looks at the answer", async () => {
    const { predictor, calls } = await start();
    const request = unread(requestOf([x], { requestedOutputs: [{ name: "x", parameters: {} }] }));
    await predictor.infer(request);
    await predictor.infer(request, { forwardRequestedOutputs: true });
    expect(calls.map(({ message }) => hasField(message, 6))).toEqual([false, true]);
  });

  test("the predictor's own model name goes there, the public one comes back", async () => {
    const { predictor, calls } = await start(undefined, { modelName: "public", predictorModelName: "m" });
    const response = await predictor.infer(unread().withModel("public"));
    expect(readModel(bodyOf(calls[0]))).toEqual({ modelName: "m", modelVersion: undefined });
    expect(response.modelName).toBe("public");
    expect(await predictor.ready()).toBe(true);
  });

  test("another version than the message's own is written into it", async () => {
    const { predictor, calls } = await start();
    await predictor.infer(unread().withModel("m", "2"));
    expect(calls[0]?.modelVersion).toBe("2");
  });

  test("rows are named and typed by the predictor's metadata, which is asked once", async () => {
    const { predictor, echo, calls } = await start();
    const rows = requestOf([], { values: new RowValues([[1, 2, 3, 0.1]], "input") });
    await predictor.infer(rows);
    await predictor.infer(rows);
    const request = grpcCodec.decodeRequest(calls[1]?.message ?? { headers: {}, body: [] }, {
      modelName: "m",
      limits: DEFAULT_LIMITS,
    });
    expect(request.input()).toMatchObject({ name: "x", datatype: "FP32", shape: [1, 4] });
    expect(request.input().data).toEqual(Float32Array.of(1, 2, 3, 0.1));
    expect(echo.asked).toBe(1);
    expect(await predictor.metadata()).toMatchObject({ name: "m", inputs: [{ name: "x", shape: [-1, 4] }] });
  });

  test("headers go as metadata; those of the body and the connection stay", async () => {
    const { predictor, calls } = await start();
    const headers = { "x-request-id": "r", traceparent: "t", "content-type": "application/json", connection: "close" };
    await predictor.infer(requestOf([x]), { headers });
    expect(calls[0]?.headers).toMatchObject({ "x-request-id": "r", traceparent: "t" });
    expect(calls[0]?.headers).not.toHaveProperty("connection");
  });

  test("explain is not there", async () => {
    const { predictor } = await start();
    await expect(predictor.infer(requestOf([x]), { verb: "explain" })).rejects.toMatchObject({ code: "unimplemented" });
  });

  test("parameters cross; members that are no scalars do not", async () => {
    const { predictor, calls } = await start();
    const parameters = { n: 7, big: 2n ** 63n, half: 0.5, s: "ä", b: true, least: -(2n ** 63n) };
    const response = await predictor.infer(requestOf([x], { parameters, members: { user: "u", nothing: null } }));
    const sent = grpcCodec.decodeRequest(calls[0]?.message ?? { headers: {}, body: [] }, {
      modelName: "m",
      limits: DEFAULT_LIMITS,
    });
    expect(sent.parameters).toEqual({ ...parameters, user: "u" });
    expect(response.outputs).toHaveLength(1);
    await expect(predictor.infer(requestOf([x], { members: { list: [1] } }))).rejects.toMatchObject({
      code: "invalid_argument",
      message: expect.stringContaining("'list'"),
    });
  });
});

describe("failures", () => {
  test("the predictor's status and words reach the client, its address does not", async () => {
    let port = 0;
    const started = await start(() => {
      throw new InferenceError(`shard 127.0.0.1:${port} is busy`, {
        code: "resource_exhausted",
        headers: { "retry-after": "7" },
      });
    });
    port = started.port;
    await expect(started.predictor.infer(requestOf([x]))).rejects.toMatchObject({
      code: "resource_exhausted",
      status: 429,
      message: "shard predictor is busy",
      headers: { "retry-after": "7" },
    });
  });

  test.each(["not_found", "unavailable", "invalid_argument", "permission_denied", "unimplemented"] as const)(
    "%s stays as it is",
    async (code) => {
      const { predictor } = await start(() => {
        throw new InferenceError("in its own words", { code });
      });
      await expect(predictor.infer(requestOf([x]))).rejects.toMatchObject({
        code,
        message: expect.stringContaining("in its own words"),
      });
    },
  );

  test("a refused connection is unavailable, and says no address", async () => {
    const server = createTcpServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    const predictor = connect({ host: `127.0.0.1:${port}` });
    const error = await predictor.infer(requestOf([x])).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "unavailable", message: expect.stringContaining("refused") });
    expect(error.message).not.toMatch(/127|ECONN|\d{4}/);
    expect(String(error.cause)).toContain(String(port));
    expect(await predictor.ready()).toBe(false);
  });

  test("a name that does not resolve is unavailable, and is tried again", async () => {
    const { port } = await serve();
    let tries = 0;
    const lookup = async () => {
      if (tries++ === 0) throw new Error("ENOTFOUND");
      return ["127.0.0.1"];
    };
    const predictor = connect({ host: `predictor.example:${port}`, lookup });
    await expect(predictor.infer(requestOf([x]))).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("does not resolve"),
    });
    await expect(predictor.infer(requestOf([x]))).resolves.toBeDefined();
  });

  test("no answer in time is deadline_exceeded, and ends the predictor's call", async () => {
    let aborted: (reason: unknown) => void = () => undefined;
    const reason = new Promise((resolve) => {
      aborted = resolve;
    });
    const { predictor } = await start(
      async (_, { signal }) => {
        await once(signal, "abort");
        aborted(signal.reason);
        throw signal.reason;
      },
      { requestTimeoutMs: 100 },
    );
    await expect(predictor.infer(requestOf([x]))).rejects.toMatchObject({
      code: "deadline_exceeded",
      message: "no response within 100 ms",
    });
    expect(await reason).toBeInstanceOf(InferenceError);
  });

  test("a client that leaves cancels the predictor's call", async () => {
    let entered: () => void = () => undefined;
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    let aborted: () => void = () => undefined;
    const left = new Promise<void>((resolve) => {
      aborted = resolve;
    });
    const { predictor } = await start(async (_, { signal }) => {
      entered();
      await once(signal, "abort");
      aborted();
      throw signal.reason;
    });
    const controller = new AbortController();
    const call = predictor.infer(requestOf([x]), { signal: controller.signal });
    await inside;
    controller.abort(new InferenceError("the client left", { code: "cancelled" }));
    await expect(call).rejects.toMatchObject({ code: "cancelled", message: "the client left" });
    await left;
  });

  test("a response over the limit is a bad gateway that names it", async () => {
    const { predictor } = await start(undefined, { maxResponseBytes: 10 });
    await expect(predictor.infer(requestOf([x]))).rejects.toMatchObject({
      code: "bad_gateway",
      message: "the predictor's response is larger than maxResponseBytes (10 bytes)",
    });
  });

  test("a request over the limit is refused before it is sent", async () => {
    const { predictor, calls } = await start(undefined, { maxRequestBytes: 10 });
    await expect(predictor.infer(requestOf([x]))).rejects.toMatchObject({
      code: "payload_too_large",
      message: expect.stringContaining("maxRequestBytes is 10"),
    });
    expect(calls).toHaveLength(0);
  });

  test("a server that speaks HTTP/1.1 is a bad gateway", async () => {
    const server = createHttpServer((_, outgoing) => outgoing.end("hi")).listen(0, "127.0.0.1");
    await once(server, "listening");
    closers.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    await expect(connect({ host: `127.0.0.1:${port}` }).infer(requestOf([x]))).rejects.toMatchObject({
      code: "bad_gateway",
    });
  });

  test("a connection that does not come about ends in time", async () => {
    const sockets: { destroy(): void }[] = [];
    const server = createTcpServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
    await once(server, "listening");
    closers.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const predictor = connect({ host: `127.0.0.1:${port}`, connectTimeoutMs: 50 });
    await expect(predictor.infer(requestOf([x]))).rejects.toMatchObject({
      code: "deadline_exceeded",
      message: "no connection to the predictor in time",
    });
  });

  test("nonsense for a response is a bad gateway once it is read", async () => {
    const server = new GrpcServer();
    const same = (bytes: Buffer): Buffer => bytes;
    const nonsense: handleUnaryCall<Buffer, Buffer> = (_, done) => done(null, Buffer.from([0xff, 0xff]));
    server.register(MODEL_INFER, nonsense, same, same, "unary");
    const port = await promisify(server.bindAsync.bind(server))("127.0.0.1:0", ServerCredentials.createInsecure());
    closers.push(() => server.forceShutdown());
    const response = await connect({ host: `127.0.0.1:${port}` }).infer(requestOf([x]));
    expect(() => response.outputs).toThrow(expect.objectContaining({ code: "bad_gateway" }));
  });

  test.each([
    [{ host: "ftp://x" }, "predictor host"],
    [{ host: "x:80/path" }, "gRPC takes no path"],
    [{ host: "x", cert: "c" }, "cert and key"],
    [{ host: "x", requestTimeoutMs: 0 }, "requestTimeoutMs"],
    [{ host: "x", predictorModelName: "" }, "predictorModelName"],
  ])("the option %j is refused", (options, message) => {
    expect(() => createGrpcPredictor(options)).toThrow(
      expect.objectContaining({ code: "invalid_argument", message: expect.stringContaining(message) }),
    );
  });
});

const certificate = createCertificate();

(certificate === undefined ? describe.skip : describe)("TLS", () => {
  const tls = certificate ?? { cert: Buffer.alloc(0), key: Buffer.alloc(0) };

  async function serveTls(): Promise<number> {
    const server = await runGrpc(createEchoServer().server, { tls });
    closers.push(() => server.close(0));
    return server.port;
  }

  test("a certificate that is trusted, by name and by address", async () => {
    const port = await serveTls();
    for (const host of [`localhost:${port}`, `https://127.0.0.1:${port}`]) {
      const predictor = connect({ host, useSsl: true, ca: tls.cert.toString() });
      expect((await predictor.infer(requestOf([x]))).output().data).toEqual(x.data);
    }
  });

  test("the name of a headless service is checked, not the addresses behind it", async () => {
    const port = await serveTls();
    const lookup = async () => ["127.0.0.1"];
    const ca = tls.cert.toString();
    const wrong = connect({ host: `other.example:${port}`, useSsl: true, ca, lookup });
    await expect(wrong.infer(requestOf([x]))).rejects.toMatchObject({
      code: "bad_gateway",
      message: "no trusted TLS connection to the predictor",
    });
    await expect(
      connect({ host: `localhost:${port}`, useSsl: true, ca, lookup }).infer(requestOf([x])),
    ).resolves.toBeDefined();
  });

  test("a certificate that nobody vouches for is refused", async () => {
    const predictor = connect({ host: `localhost:${await serveTls()}`, useSsl: true });
    await expect(predictor.infer(requestOf([x]))).rejects.toMatchObject({
      code: "bad_gateway",
      message: "no trusted TLS connection to the predictor",
    });
  });
});

describe("addresses", () => {
  /** Servers on one port of several loopback addresses; each answers with its own name. */
  async function serveOn(addresses: readonly string[]) {
    const counts = new Map(addresses.map((address) => [address, 0]));
    const servers = new Map<string, RunningGrpc>();
    let port = 0;
    for (const address of addresses) {
      const respond: Respond = (request) => {
        counts.set(address, (counts.get(address) ?? 0) + 1);
        return request.reply({ outputs: [] });
      };
      const started = await serve(respond, address, port);
      port = started.port;
      servers.set(address, started.server);
    }
    return { counts, port, servers };
  }

  const THREE = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];

  async function until(condition: () => boolean, act: () => Promise<unknown>): Promise<void> {
    for (let i = 0; i < 2000 && !condition(); i++) {
      await act();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(condition()).toBe(true);
  }

  test("calls are spread over all addresses of the name", async () => {
    const { counts, port } = await serveOn(THREE);
    const predictor = connect({ host: `headless.example:${port}`, lookup: async () => THREE });
    await until(
      () => [...counts.values()].every((count) => count > 0),
      () => predictor.infer(requestOf([x])),
    );
    const before = new Map(counts);
    for (let i = 0; i < 30; i++) await predictor.infer(requestOf([x]));
    expect(THREE.map((address) => (counts.get(address) ?? 0) - (before.get(address) ?? 0))).toEqual([10, 10, 10]);
  });

  test("new pods get their share without a failure, and those that are gone get nothing", async () => {
    const { counts, port } = await serveOn(THREE);
    let addresses = THREE.slice(0, 1);
    const predictor = connect({
      host: `headless.example:${port}`,
      lookup: async () => addresses,
      resolveIntervalMs: 1001,
    });
    for (let i = 0; i < 5; i++) await predictor.infer(requestOf([x]));
    expect([...counts.values()]).toEqual([5, 0, 0]);
    addresses = THREE.slice(1);
    await until(
      () => counts.get("127.0.0.2") !== 0 && counts.get("127.0.0.3") !== 0,
      () => predictor.infer(requestOf([x])),
    );
    const first = counts.get("127.0.0.1");
    for (let i = 0; i < 10; i++) await predictor.infer(requestOf([x]));
    expect(counts.get("127.0.0.1")).toBe(first);
  });

  test("an address that is down is left out", async () => {
    const { counts, port, servers } = await serveOn(THREE);
    const predictor = connect({ host: `headless.example:${port}`, lookup: async () => THREE });
    await until(
      () => [...counts.values()].every((count) => count > 0),
      () => predictor.infer(requestOf([x])),
    );
    await servers.get("127.0.0.2")?.close(1000);
    for (let i = 0; i < 20; i++) await predictor.infer(requestOf([x]));
  });
});

describe("forwarder", () => {
  function forward(predictor: Predictor, request: InferRequest) {
    return new Promise<{ status: number; headers: object; body: Buffer }>((resolve, reject) => {
      let status = 0;
      let headers = {};
      const chunks: Uint8Array[] = [];
      predictor.forwarder?.forward(
        {
          verb: "predict",
          modelName: "m",
          modelVersion: undefined,
          message: request.source?.message ?? { headers: {}, body: [] },
          headers: { "x-request-id": "abc" },
        },
        {
          head: (given, received) => {
            status = given;
            headers = received;
          },
          data: (chunk) => chunks.push(chunk) > 0,
          end: () => resolve({ status, headers, body: Buffer.concat(chunks) }),
          error: reject,
        },
      );
    });
  }

  test("hands bytes on unread, each way", async () => {
    const { predictor, calls } = await start();
    const request = unread();
    expect(predictor.forwarder?.wire).toBe("grpc-v2");
    const { status, headers, body } = await forward(predictor, request);
    expect(bodyOf(calls[0])).toEqual(bodyOf(request.source));
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "x-request-id": "abc" });
    const response = grpcCodec.decodeResponse(
      { headers: {}, body: [body] },
      { modelName: "m", limits: DEFAULT_LIMITS },
    );
    expect(response.output().data).toEqual(x.data);
  });

  test("with another name at the predictor only that field is replaced, each way", async () => {
    const { predictor, calls } = await start(undefined, { modelName: "public", predictorModelName: "m" });
    const own = unread();
    const message = grpcCodec.replaceModelName(own.source?.message ?? { headers: {}, body: [] }, "public");
    const request = grpcCodec.decodeRequest(message, { modelName: "public", limits: DEFAULT_LIMITS });
    const { body } = await forward(predictor, request);
    expect(bodyOf(calls[0])).toEqual(bodyOf(own.source));
    expect(readModel(body).modelName).toBe("public");
  });

  test("a failure is an InferenceError, and abort ends the call in silence", async () => {
    const { predictor } = await start(() => {
      throw new InferenceError("no", { code: "not_found" });
    });
    await expect(forward(predictor, unread())).rejects.toMatchObject({ code: "not_found", message: "no" });
    const events: string[] = [];
    const handle = predictor.forwarder?.forward(
      {
        verb: "predict",
        modelName: "m",
        modelVersion: undefined,
        message: unread().source?.message ?? { headers: {}, body: [] },
        headers: {},
      },
      {
        head: () => events.push("head"),
        data: () => true,
        end: () => events.push("end"),
        error: () => events.push("error"),
      },
    );
    handle?.abort();
    await expect(forward(predictor, unread())).rejects.toBeDefined();
    expect(events).toEqual([]);
  });
});
