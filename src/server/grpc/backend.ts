import { InferenceError } from "../../errors.ts";
import { grpcCodec } from "../../protocol/grpc/grpc-codec.ts";
import { runExchange } from "../exchange.ts";
import { logError } from "../http/error-response.ts";
import { loadModel, modelMetadata, repositoryIndex } from "../http/model-handlers.ts";
import type { ModelServer } from "../model-server.ts";
import { SERVER_METADATA } from "../server-metadata.ts";
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
      const outgoing = await runExchange(server, {
        codec: grpcCodec,
        modelName: call.modelName,
        modelVersion: call.modelVersion,
        verb: "predict",
        message: call.message,
        headers: call.headers,
        requestId: call.requestId,
        get signal() {
          return call.signal;
        },
      });
      if (outgoing.message === undefined) throw withHeaders(outgoing.error, outgoing.headers);
      return { message: outgoing.message, headers: outgoing.headers };
    },
    repositoryIndex: () => repositoryIndex(server),
    load: (name) => loadModel(registry.find(name)),
    unload: (name) => registry.find(name).unload(),
    authenticate: async (headers, health) => {
      const { authenticator } = server;
      if (authenticator !== undefined && !(health && authenticator.exemptHealth))
        await authenticator.authenticate(headers);
    },
    logError: (error, requestId) => logError(error, requestId, options.log),
  };
}

/** What hooks and listeners set goes out with an error as well. */
function withHeaders(error = new InferenceError("internal error"), headers: Readonly<Record<string, string>>) {
  const { message, code, status, body, cause } = error;
  return new InferenceError(message, { code, status, headers: { ...headers, ...error.headers }, body, cause });
}
