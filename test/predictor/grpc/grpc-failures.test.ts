import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { Server as GrpcServer, type handleUnaryCall, ServerCredentials } from "@grpc/grpc-js";
import { InferenceError } from "../../../src/errors.ts";
import { createGrpcPredictor } from "../../../src/predictor/grpc/grpc-predictor.ts";
import { MODEL_INFER } from "../../../src/protocol/grpc/infer-message.ts";
import { closers, connect, requestOf, serve, start, x } from "./started-predictor.ts";

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

  test("a model that is not there is named, with the flag that names another", async () => {
    const { predictor } = await start(() => {
      throw new InferenceError("no m here", { code: "not_found" });
    });
    const error = await predictor.infer(requestOf([x])).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "not_found", status: 404 });
    expect(error.message).toMatch(
      /^the predictor has no model 'm' \(--predictor_model_name says what it is called there\): .*no m here$/,
    );
  });

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

  test("no response in time is deadline_exceeded, and ends the predictor's call", async () => {
    let aborted: (reason: unknown) => void = () => undefined;
    const reason = new Promise((resolve) => {
      aborted = resolve;
    });
    let isReached = false;
    const { predictor } = await start(
      async (_, { signal }) => {
        isReached = true;
        if (!signal.aborted) await once(signal, "abort");
        aborted(signal.reason);
        throw signal.reason;
      },
      { requestTimeoutMs: 1000 },
    );
    while (!(await predictor.ready())) await delay(10);
    // On a busy machine the second may be over before a call reaches the predictor, whose own clock may say so first.
    while (!isReached) {
      await expect(predictor.infer(requestOf([x]))).rejects.toMatchObject({
        code: "deadline_exceeded",
        message: expect.stringMatching(/^no response within \d+ ms/),
      });
    }
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
      message: "the predictor's response is larger than 10 bytes (max_response_bytes)",
    });
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

  test("metadata of more than a megabyte is a bad gateway", async () => {
    const server = new GrpcServer();
    const same = (bytes: Buffer): Buffer => bytes;
    const endless: handleUnaryCall<Buffer, Buffer> = (_, done) => done(null, Buffer.alloc(1024 * 1024 + 2, "\x78\x01"));
    server.register("/inference.GRPCInferenceService/ModelMetadata", endless, same, same, "unary");
    const port = await promisify(server.bindAsync.bind(server))("127.0.0.1:0", ServerCredentials.createInsecure());
    closers.push(() => server.forceShutdown());
    await expect(connect({ host: `127.0.0.1:${port}` }).metadata()).rejects.toMatchObject({
      code: "bad_gateway",
      message: "predictor's response: expected a ModelMetadataResponse",
    });
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
