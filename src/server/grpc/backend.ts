import { grpcCodec } from "../../protocol/grpc/grpc-codec.ts";
import { chunksOf, failureOf, runExchange } from "../exchange.ts";
import { loadModel, modelMetadata, repositoryIndex, unloadModel } from "../http/model-handlers.ts";
import { logError } from "../log-error.ts";
import type { ModelServer } from "../model-server.ts";
import { SERVER_METADATA } from "../server-metadata.ts";
import { TensorExchange } from "../tensor-exchange.ts";

const TENSORS = new TensorExchange(grpcCodec);

import type { GrpcBackend } from "./service.ts";

/** The models of a server as the gRPC service asks for them. */
export function createGrpcBackend(server: ModelServer): GrpcBackend {
  const { registry, readiness, options } = server;
  return {
    serverMetadata: SERVER_METADATA,
    ready: () => readiness.server(),
    modelReady: async (name) => readiness.model(registry.find(name)),
    modelMetadata: async (name, _version, signal) => modelMetadata(registry.find(name), signal),
    infer: async (call) => {
      const incoming = {
        modelName: call.modelName,
        modelVersion: call.modelVersion,
        verb: "predict" as const,
        message: call.message,
        headers: call.headers,
        requestId: call.requestId,
        get signal() {
          return call.signal;
        },
      };
      const outgoing = await runExchange(server, incoming, TENSORS);
      const { response, headers } = outgoing;
      if (response === undefined) throw failureOf(outgoing);
      return { message: { headers: {}, body: chunksOf(response) }, headers };
    },
    repositoryIndex: () => repositoryIndex(server),
    load: (name) => loadModel(server, name),
    unload: (name) => unloadModel(server, name),
    authenticate: async (headers, health) => {
      const { authenticator } = server;
      if (authenticator !== undefined && !(health && authenticator.exemptHealth))
        await authenticator.authenticate(headers);
    },
    logError: (error, requestId) => logError(error, requestId, options.log),
  };
}
