import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Server as GrpcServer, ServerCredentials, type ServiceError, status } from "@grpc/grpc-js";
import { InferRequest } from "../../src/inference/infer-request.ts";
import { TensorValues } from "../../src/inference/row-and-tensor-values.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { createGrpcPredictor } from "../../src/predictor/grpc/grpc-predictor.ts";
import type { GrpcPredictorOptions } from "../../src/predictor/grpc/options.ts";
import { joinChunks } from "../../src/protocol/body-bytes.ts";
import { grpcCodec } from "../../src/protocol/grpc/grpc-codec.ts";
import { MODEL_INFER } from "../../src/protocol/grpc/infer-message.ts";
import { serve } from "../../src/server/serve.ts";
import { createTensor } from "../../src/tensor/tensor.ts";
import { Transformer } from "../../src/transformer/transformer.ts";
import { createCertificate } from "../predictor/certificate.ts";
import { startRawServer } from "../predictor/raw-server.ts";
import { callUnary, connect } from "../server/grpc/grpc-fixtures.ts";
import { expectOnPage, type PageRow } from "./reliability-page.ts";

/** No hook: messages are handed on unread where both sides speak gRPC. */
class Plain extends Transformer {}

const log = createLogger({ level: "silent" });
const tensor = createTensor("x", "FP32", [1], Float32Array.of(1));
const inputs = new TensorValues([tensor], "input");
const question = new InferRequest({ modelName: "m", content: { parameters: {}, members: {}, values: inputs } });
const QUESTION = joinChunks(grpcCodec.encodeRequest(question, {}).body);
const V2_QUESTION = JSON.stringify({ inputs: [{ name: "x", datatype: "FP32", shape: [1], data: [1] }] });

const rows: PageRow[] = [];

/** What a client of V2 over HTTP and a client of gRPC see. */
async function expectFault(fault: string, port: number, options: GrpcPredictorOptions): Promise<void> {
  const predictor = createGrpcPredictor({ modelName: "m", requestTimeoutMs: 5000, ...options });
  const server = await serve(Plain, { host: "127.0.0.1", port: 0, modelName: "m", log, predictor });
  await server.ready();
  const client = connect(server.port);
  try {
    const started = performance.now();
    const response = await fetch(`${server.url}/v2/models/m/infer`, { method: "POST", body: V2_QUESTION });
    const body = await response.text();
    const afterRest = performance.now();
    const error = await callUnary(client, MODEL_INFER, QUESTION).then(
      () => ({ code: status.OK, details: "" }),
      ({ code, details }: ServiceError) => ({ code, details: details.replace(/ \(request [^)]+\)/, " (request …)") }),
    );
    const afterGrpc = performance.now();
    const text = body.replace(/"request_id":"[^"]+"/, '"request_id":"…"');
    for (const secret of ["127.0.0.1", String(port), "nowhere.invalid", "ECONN", "    at "]) {
      expect(`${text} ${error.details}`).not.toContain(secret);
    }
    expect(JSON.parse(body)).toMatchObject({ error: expect.stringMatching(/./) });
    expect(error.code).not.toBe(status.OK);
    expect(error.details).not.toBe("");
    const measured = `${(afterRest - started).toFixed(0)} / ${(afterGrpc - afterRest).toFixed(0)}`;
    rows.push({
      seen: [fault, String(response.status), `\`${text}\``, status[error.code], `\`${error.details}\``],
      measured: [measured],
    });
  } finally {
    client.close();
    await server.close();
  }
}

/** A gRPC server that answers every call with one status. */
async function withStatus(code: status, details: string, run: (port: number) => Promise<void>): Promise<void> {
  const server = new GrpcServer();
  const bytes = (value: Buffer): Buffer => value;
  server.addService(
    {
      infer: {
        path: MODEL_INFER,
        requestStream: false,
        responseStream: false,
        requestSerialize: bytes,
        requestDeserialize: bytes,
        responseSerialize: bytes,
        responseDeserialize: bytes,
      },
    },
    { infer: (_call: unknown, answer: (error: Partial<ServiceError>) => void) => answer({ code, details }) },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  try {
    await run(port);
  } finally {
    server.forceShutdown();
  }
}

describe("a predictor over gRPC that does wrong", () => {
  const codes = Object.entries(status).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number" && entry[1] > 0,
  );
  test.each(codes)("%s", async (name, code) => {
    await withStatus(code, `said ${name}`, (port) => expectFault(name, port, { host: `127.0.0.1:${port}` }));
  });

  test("a status without a message", async () => {
    await withStatus(status.RESOURCE_EXHAUSTED, "", (port) =>
      expectFault("RESOURCE_EXHAUSTED without a message", port, { host: `127.0.0.1:${port}` }),
    );
  });

  test("a message with the predictor's own address in it", async () => {
    await withStatus(status.UNAVAILABLE, "127.0.0.1 is overloaded", (port) =>
      expectFault("UNAVAILABLE, naming the address", port, { host: `127.0.0.1:${port}` }),
    );
  });

  const raw: readonly {
    fault: string;
    connected: (socket: Socket) => void;
    options?: Partial<GrpcPredictorOptions>;
  }[] = [
    { fault: "reset at once", connected: (socket) => socket.resetAndDestroy() },
    { fault: "close at once", connected: (socket) => socket.end() },
    {
      fault: "HTTP/1.1 spoken",
      connected: (socket) => socket.end("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"),
    },
    { fault: "garbage", connected: (socket) => socket.end("SSH-2.0-OpenSSH_9.6\r\n") },
    { fault: "silence", connected: () => undefined, options: { requestTimeoutMs: 200 } },
  ];
  test.each(raw)("$fault", async ({ fault, connected, options = {} }) => {
    const listener = createTcpServer();
    listener.on("connection", connected);
    const server = await startRawServer(() => undefined, listener);
    const timing = { connectTimeoutMs: 1000, ...options };
    await expectFault(fault, server.port, { host: `127.0.0.1:${server.port}`, ...timing });
    await server.close();
  });

  test("connection refused", async () => {
    const server = await startRawServer(() => undefined);
    await server.close();
    await expectFault("connection refused", server.port, { host: `127.0.0.1:${server.port}`, connectTimeoutMs: 1000 });
  });

  test("a name that does not resolve", async () => {
    const options = { host: "nowhere.invalid", connectTimeoutMs: 1000 };
    await expectFault("a name that does not resolve", 65_535, options);
  });

  test("TLS: expired certificate", async () => {
    const certificate = createCertificate({ days: -1 });
    const listener: Server = createTlsServer({ ...certificate, ALPNProtocols: ["h2"] });
    const server = await startRawServer(() => undefined, listener);
    const host = `127.0.0.1:${server.port}`;
    const options = { host, useSsl: true, ca: certificate.cert, connectTimeoutMs: 1000 };
    await expectFault("TLS: expired certificate", server.port, options);
    await server.close();
  });

  test("docs/reliability.md says what was just seen", () => {
    expectOnPage(
      "faults-grpc",
      {
        seen: ["the predictor's fault", "client of V2", "body", "client of gRPC", "message"],
        measured: ["ms, V2 / gRPC"],
      },
      rows,
    );
  });
});
