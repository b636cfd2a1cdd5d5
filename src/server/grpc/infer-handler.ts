import type { Buffer } from "node:buffer";
import { joinChunks } from "../../protocol/body-bytes.ts";
import { grpcCodec } from "../../protocol/grpc/grpc-codec.ts";
import { readModel } from "../../protocol/grpc/message-head.ts";
import { chunksOf, failureOf, runExchange } from "../exchange/exchange.ts";
import { TensorExchange } from "../exchange/tensor-exchange.ts";
import type { ModelServer } from "../model-server.ts";
import type { GrpcCall, GrpcResponse } from "./call.ts";

const TENSORS = new TensorExchange(grpcCodec);

/** One `ModelInfer`: bytes through the exchange and back. @throws InferenceError, with the headers that hooks set. */
export async function handleInfer(
  server: ModelServer,
  call: Pick<GrpcCall, "bytes" | "headers" | "requestId" | "signal">,
): Promise<GrpcResponse & { readonly bytes: Buffer }> {
  const { bytes, headers, requestId } = call;
  const incoming = {
    ...readModel(bytes),
    verb: "predict" as const,
    message: { headers: {}, body: [bytes] },
    headers,
    requestId,
    get signal() {
      return call.signal;
    },
  };
  const outgoing = await runExchange(server, incoming, TENSORS);
  if (outgoing.response === undefined) throw failureOf(outgoing);
  return { bytes: joinChunks(chunksOf(outgoing.response)), headers: outgoing.headers };
}
