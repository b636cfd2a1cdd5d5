/**
 * gRPC pass-through of an image tensor: CPU time of one call in a bare grpc-js proxy and in our server without hooks, side by
 * side. Proxies are processes of their own; only their CPU time counts, so load and predictor do not.
 *
 *     node --import ./bench/typescript.mjs bench/grpc/pass-through.ts [calls a round]
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { InferRequest } from "../../src/inference/infer-request.ts";
import { InferResponse } from "../../src/inference/infer-response.ts";
import { TensorValues } from "../../src/inference/row-and-tensor-values.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { createGrpcPredictor } from "../../src/predictor/grpc/grpc-predictor.ts";
import { joinChunks } from "../../src/protocol/body-bytes.ts";
import { grpcCodec } from "../../src/protocol/grpc/grpc-codec.ts";
import { serve } from "../../src/server/serve.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { Transformer } from "../../src/transformer/transformer.ts";

const ROUNDS = 6;
const CALLS_AT_ONCE = 8;
const SELF = fileURLToPath(import.meta.url);
const PATH = "/inference.GRPCInferenceService/ModelInfer";
const LARGE = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

type Role = "predictor" | "bare" | "ours";

const same = (bytes: Buffer): Buffer => bytes;
const zeros = (name: string, shape: readonly number[]): Tensor => {
  const data = new Float32Array(shape.reduce((count, size) => count * size, 1)).fill(0.5);
  return { name, datatype: "FP32", shape, data };
};

function messages(shape: readonly number[]): { readonly request: Buffer; readonly answer: Buffer } {
  const content = { id: "1", parameters: {}, members: {}, values: new TensorValues([zeros("image", shape)], "input") };
  const request = new InferRequest({ modelName: "model", content });
  const values = new TensorValues([zeros("logits", [1, 1000])], "output");
  const answer = new InferResponse({ modelName: "model", content: { parameters: {}, members: {}, values } });
  return {
    request: joinChunks(grpcCodec.encodeRequest(request, {}).body),
    answer: joinChunks(grpcCodec.encodeResponse(answer, { request }).body),
  };
}

type Handler = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => void;

function listen(handler: Handler): Promise<number> {
  const server = new Server(LARGE);
  server.register(PATH, handler, same, same, "unary");
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

async function start(role: Role, target: string): Promise<number> {
  if (role === "predictor") {
    const { answer } = messages([1]);
    return listen((_, callback) => callback(null, answer));
  }
  if (role === "bare") {
    const client = new Client(target, credentials.createInsecure(), LARGE);
    return listen((call, callback) => {
      client.makeUnaryRequest(PATH, same, same, call.request, call.metadata, callback);
    });
  }
  class Plain extends Transformer {}
  const predictor = createGrpcPredictor({ host: target });
  const log = createLogger({ level: "silent" });
  return (await serve(Plain, { host: "127.0.0.1", port: 0, predictor, log })).port;
}

function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve) => child.once("message", (value) => resolve(value as T)));
}

async function startChild(role: Role, target: string): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(SELF, [role, target]);
  return { child, url: `127.0.0.1:${await nextMessage<number>(child)}` };
}

async function cpuMicroseconds(child: ChildProcess): Promise<number> {
  child.send("cpu");
  const { user, system } = await nextMessage<NodeJS.CpuUsage>(child);
  return user + system;
}

async function load(url: string, count: number, request: Buffer): Promise<void> {
  const client = new Client(url, credentials.createInsecure(), LARGE);
  let left = count;
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      await new Promise<void>((resolve, reject) => {
        client.makeUnaryRequest(PATH, same, same, request, (error) => (error === null ? resolve() : reject(error)));
      });
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, one));
  client.close();
}

async function compare(name: string, shape: readonly number[], count: number): Promise<void> {
  const { request } = messages(shape);
  const predictor = await startChild("predictor", "");
  const bare = await startChild("bare", predictor.url);
  const ours = await startChild("ours", predictor.url);
  const ratios: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const cost: number[] = [];
    const pairs = round % 2 === 0 ? [bare, ours] : [ours, bare];
    for (const { child, url } of pairs) {
      const before = await cpuMicroseconds(child);
      await load(url, count, request);
      cost.push(((await cpuMicroseconds(child)) - before) / count);
    }
    const [bareCost = 0, ourCost = 0] = round % 2 === 0 ? cost : cost.reverse();
    if (round === 0) continue;
    ratios.push(bareCost / ourCost);
    console.log(
      `${name}: bare ${bareCost.toFixed(0)} µs  ours ${ourCost.toFixed(0)} µs  ratio ${(bareCost / ourCost).toFixed(2)}`,
    );
  }
  const median = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? 0;
  console.log(`${name}: median ratio ${median.toFixed(2)} (bare proxy's CPU time by ours; above 1 is cheaper)`);
  for (const { child } of [predictor, bare, ours]) child.kill();
}

const [first = "600", second = ""] = process.argv.slice(2);
if (process.send === undefined) {
  await compare("FP32[1,3,224,224]", [1, 3, 224, 224], Number(first));
  await compare("FP32[1,4]", [1, 4], Number(first) * 5);
} else {
  process.send(await start(first as Role, second));
  process.on("message", () => process.send?.(process.cpuUsage()));
}
