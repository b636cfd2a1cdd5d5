import { InferenceError } from "../../../src/errors.ts";
import { InferRequest } from "../../../src/inference/infer-request.ts";
import { TensorValues } from "../../../src/inference/own-values.ts";
import type { RequestContext } from "../../../src/inference/request-context.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { grpcCodec } from "../../../src/protocol/grpc/grpc-codec.ts";
import { createModelServer } from "../../../src/server/create-app.ts";
import { createGrpcBackend } from "../../../src/server/grpc/backend.ts";
import { createTensor } from "../../../src/tensor/tensor.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";

test("headers that a hook set go out with an error, and the error's own win", async () => {
  class Refusing extends Transformer {
    override preprocess(_request: InferRequest, context: RequestContext<undefined>): InferRequest {
      Object.assign(context.responseHeaders, { "x-queue": "12", "retry-after": "1" });
      throw new InferenceError("too many", { code: "resource_exhausted", headers: { "retry-after": "7" } });
    }
  }
  const server = createModelServer(Refusing, { modelName: "m", log: createLogger({ level: "silent" }) });
  await server.registry.load();
  const values = new TensorValues([createTensor("x", "FP32", [1], new Float32Array(1))], "input");
  const request = new InferRequest({ modelName: "m", content: { parameters: {}, members: {}, values } });
  const call = createGrpcBackend(server).infer({
    modelName: "m",
    modelVersion: undefined,
    message: grpcCodec.encodeRequest(request, {}),
    headers: {},
    requestId: "r-1",
    signal: new AbortController().signal,
  });
  await expect(call).rejects.toMatchObject({
    code: "resource_exhausted",
    message: "too many",
    headers: { "x-queue": "12", "retry-after": "7", "x-request-id": "r-1" },
  });
  await server.registry.close();
});
