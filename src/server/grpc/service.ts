import { Buffer } from "node:buffer";
import { create, type DescMessage, type MessageInitShape, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { Server } from "@grpc/grpc-js";
import type { ModelMetadata } from "../../inference/model-metadata.ts";
import { assertControlSize, readControlMessage } from "../../protocol/grpc/control-message.ts";
import * as messages from "../../protocol/grpc/gen/inference_pb.ts";
import {
  ModelStatisticsRequestSchema,
  ModelStatisticsResponseSchema,
} from "../../protocol/grpc/gen/model_statistics_pb.ts";
import { reading } from "../../protocol/grpc/infer-message.ts";
import { findForProbe } from "../exchange/may-know-names.ts";
import { modelConfig } from "../model-config.ts";
import { loadModel, modelMetadata, repositoryIndex, unloadModel } from "../model-repository.ts";
import type { ModelServer } from "../model-server.ts";
import { modelStatistics } from "../model-statistics.ts";
import { SERVER_METADATA } from "../server-metadata.ts";
import { type GrpcCall, type GrpcMethod, toUnaryHandler } from "./call.ts";
import { toConfigMessage, toStatisticsMessage } from "./extension-messages.ts";
import { handleInfer } from "./infer-handler.ts";

const SERVICE = messages.GRPCInferenceService.typeName;

/** Adds every method of `inference.GRPCInferenceService`. */
export function addInferenceService(grpc: Server, server: ModelServer): void {
  const { registry, readiness, options } = server;
  const methods: Readonly<Record<string, GrpcMethod>> = {
    ServerLive: async () => encode(messages.ServerLiveResponseSchema, { live: true }),
    ServerReady: async () => encode(messages.ServerReadyResponseSchema, { ready: await readiness.server() }),
    ModelReady: async (call) => {
      const { name } = decode(messages.ModelReadyRequestSchema, call);
      const model = await findForProbe(server, name, call.headers);
      return encode(messages.ModelReadyResponseSchema, { ready: await readiness.model(model) });
    },
    ServerMetadata: async () => {
      const { extensions, ...metadata } = SERVER_METADATA;
      return encode(messages.ServerMetadataResponseSchema, { ...metadata, extensions: [...extensions] });
    },
    ModelMetadata: async (call) => {
      const { name } = decode(messages.ModelMetadataRequestSchema, call);
      const metadata = await modelMetadata(registry.find(name), call.signal);
      return encode(messages.ModelMetadataResponseSchema, metadataMessage(metadata));
    },
    ModelConfig: async (call) => {
      const { name } = decode(messages.ModelConfigRequestSchema, call);
      const config = await modelConfig(registry.find(name), call.signal);
      return encode(messages.ModelConfigResponseSchema, toConfigMessage(config));
    },
    ModelStatistics: async (call) => {
      const { name, version } = decode(ModelStatisticsRequestSchema, call);
      const statistics = await modelStatistics(server, name || undefined, version || undefined);
      return encode(ModelStatisticsResponseSchema, toStatisticsMessage(statistics));
    },
    ModelInfer: (call) => handleInfer(server, call),
    RepositoryIndex: async (call) => {
      const { ready } = decode(messages.RepositoryIndexRequestSchema, call);
      const models = repositoryIndex(server).filter(({ state }) => !ready || state === "READY");
      return encode(messages.RepositoryIndexResponseSchema, { models });
    },
    RepositoryModelLoad: async (call) => {
      const modelName = repositoryModelName(call.bytes);
      await loadModel(server, modelName);
      return encode(messages.RepositoryModelLoadResponseSchema, { modelName, isLoaded: true });
    },
    RepositoryModelUnload: async (call) => {
      const modelName = repositoryModelName(call.bytes);
      await unloadModel(server, modelName);
      return encode(messages.RepositoryModelUnloadResponseSchema, { modelName, isUnloaded: true });
    },
  };
  for (const [name, method] of Object.entries(methods)) {
    grpc.register(`/${SERVICE}/${name}`, toUnaryHandler(method, options.log), identity, identity, "unary");
  }
}

/**
 * The model of a load or unload: field 1, as KServe has it. Triton's clients send a repository as field 1 and the model as
 * field 2.
 */
function repositoryModelName(bytes: Uint8Array): string {
  assertControlSize("message", bytes);
  return reading("with a model_name", () => {
    const reader = new BinaryReader(bytes);
    const names = new Map<number, string>();
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      if (field <= 2 && type === WireType.LengthDelimited) names.set(field, reader.string(true));
      else reader.skip(type, field);
    }
    return names.get(2) ?? names.get(1) ?? "";
  });
}

function metadataMessage(metadata: ModelMetadata): MessageInitShape<typeof messages.ModelMetadataResponseSchema> {
  const { name, versions = [], platform = "", inputs, outputs } = metadata;
  const toMessage = (specs: ModelMetadata["inputs"]) =>
    specs.map((spec) => ({ name: spec.name, datatype: spec.datatype, shape: spec.shape.map(BigInt) }));
  return { name, versions: [...versions], platform, inputs: toMessage(inputs), outputs: toMessage(outputs) };
}

function identity(bytes: Buffer): Buffer {
  return bytes;
}

function decode<Desc extends DescMessage>(schema: Desc, call: GrpcCall): MessageShape<Desc> {
  return readControlMessage(schema, call.bytes);
}

function encode<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>) {
  return { bytes: Buffer.from(toBinary(schema, create(schema, init))) };
}
