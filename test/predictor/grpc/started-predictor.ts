import type { Buffer } from "node:buffer";
import type { WireMessage } from "../../../src/inference/content.ts";
import { InferRequest } from "../../../src/inference/infer-request.ts";
import { TensorValues } from "../../../src/inference/row-and-tensor-values.ts";
import { createGrpcPredictor } from "../../../src/predictor/grpc/grpc-predictor.ts";
import type { GrpcPredictorOptions } from "../../../src/predictor/grpc/options.ts";
import type { Predictor } from "../../../src/predictor/predictor.ts";
import { joinChunks } from "../../../src/protocol/body-bytes.ts";
import { grpcCodec } from "../../../src/protocol/grpc/grpc-codec.ts";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import {
  createEchoServer,
  type EchoServer,
  type Respond,
  runGrpc,
  type SeenCall,
} from "../../server/grpc/grpc-fixtures.ts";

export const closers: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

export interface Started {
  readonly predictor: Predictor;
  readonly echo: EchoServer;
  readonly calls: SeenCall[];
  readonly port: number;
}

export async function serve(respond?: Respond, host = "127.0.0.1", port = 0) {
  const calls: SeenCall[] = [];
  const echo = createEchoServer((request, call) => {
    calls.push(call);
    return respond === undefined ? request.reply({ outputs: request.inputs }) : respond(request, call);
  });
  const server = await runGrpc(echo.server, { host, port });
  closers.push(() => server.close(0));
  return { echo, calls, port: server.port, server };
}

export function connect(options: GrpcPredictorOptions): Predictor {
  const predictor = createGrpcPredictor({ modelName: "m", ...options });
  closers.push(() => predictor.close());
  return predictor;
}

export async function start(respond?: Respond, options: Partial<GrpcPredictorOptions> = {}): Promise<Started> {
  const { echo, calls, port } = await serve(respond);
  return { echo, calls, port, predictor: connect({ host: `127.0.0.1:${port}`, ...options }) };
}

export function requestOf(tensors: readonly Tensor[], extra = {}): InferRequest {
  const content = { parameters: {}, members: {}, values: new TensorValues(tensors, "input"), ...extra };
  return new InferRequest({ modelName: "m", content });
}

export const x: Tensor = {
  name: "x",
  datatype: "FP32",
  shape: [2],
  data: Float32Array.of(1.5, Number.NEGATIVE_INFINITY),
};

/** A request over the bytes of a client. */
export function unread(request = requestOf([x])): InferRequest {
  const message = grpcCodec.encodeRequest(request, { forwardRequestedOutputs: true });
  return grpcCodec.decodeRequest(message, { modelName: "m", limits: DEFAULT_LIMITS });
}

export function bodyOf(holder: { readonly message: WireMessage } | undefined): Buffer {
  return joinChunks(holder?.message.body ?? []);
}
