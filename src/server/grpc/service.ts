import { Buffer } from "node:buffer";
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { Server } from "@grpc/grpc-js";
import type { InferenceError } from "../../errors.ts";
import type { WireMessage } from "../../inference/content.ts";
import type { ModelMetadata, ServerMetadata } from "../../inference/model-metadata.ts";
import { joinChunks } from "../../protocol/body-bytes.ts";
import * as messages from "../../protocol/grpc/gen/inference_pb.ts";
import { reading } from "../../protocol/grpc/infer-message.ts";
import { readModel } from "../../protocol/grpc/message-head.ts";
import { type GrpcCall, type GrpcMethod, toUnaryHandler } from "./call.ts";

/** What the service serves, on plain values: nothing behind it knows gRPC. Every method may throw an InferenceError. */
export interface GrpcBackend {
  readonly serverMetadata: ServerMetadata;
  /** True when every model is ready and the server does not end. */
  ready(): Promise<boolean>;
  /** @throws InferenceError not_found. */
  modelReady(name: string, version: string | undefined): Promise<boolean>;
  /** @throws InferenceError not_found. */
  modelMetadata(name: string, version: string | undefined, signal: AbortSignal): Promise<ModelMetadata>;
  /** One request, decoded, through the pipeline, and encoded. */
  infer(call: GrpcInferCall): Promise<GrpcInferAnswer>;
  repositoryIndex(): readonly RepositoryEntry[];
  /** @throws InferenceError not_found, unavailable. */
  load(name: string): Promise<void>;
  /** @throws InferenceError not_found. */
  unload(name: string): Promise<void>;
  /** `health` when the call asks for no more than liveness or readiness. @throws InferenceError unauthenticated. */
  authenticate?(headers: Readonly<Record<string, string>>, health: boolean): Promise<void>;
  /** Told of every error before the client is; control calls included. */
  logError(error: InferenceError, requestId: string): void;
}

export interface GrpcInferCall {
  readonly modelName: string;
  readonly modelVersion: string | undefined;
  /** Wire form "grpc-v2", one chunk. */
  readonly message: WireMessage;
  readonly headers: Readonly<Record<string, string>>;
  readonly requestId: string;
  /** Aborted when the client cancels or its deadline passes; made when first read. */
  readonly signal: AbortSignal;
}

export interface GrpcInferAnswer {
  readonly message: WireMessage;
  /** Sent as initial metadata. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface RepositoryEntry {
  readonly name: string;
  readonly version?: string;
  readonly state: string;
  readonly reason: string;
}

const SERVICE = messages.GRPCInferenceService.typeName;

/** Adds every method of `inference.GRPCInferenceService`. */
export function addInferenceService(server: Server, backend: GrpcBackend): void {
  const methods: Readonly<Record<string, GrpcMethod>> = {
    ServerLive: async () => answer(messages.ServerLiveResponseSchema, { live: true }),
    ServerReady: async () => answer(messages.ServerReadyResponseSchema, { ready: await backend.ready() }),
    ModelReady: async (call) => {
      const { name, version } = read(messages.ModelReadyRequestSchema, call);
      const ready = await backend.modelReady(name, version === "" ? undefined : version);
      return answer(messages.ModelReadyResponseSchema, { ready });
    },
    ServerMetadata: async () => answer(messages.ServerMetadataResponseSchema, copyOf(backend.serverMetadata)),
    ModelMetadata: async (call) => {
      const { name, version } = read(messages.ModelMetadataRequestSchema, call);
      const metadata = await backend.modelMetadata(name, version === "" ? undefined : version, call.signal);
      return answer(messages.ModelMetadataResponseSchema, metadataMessage(metadata));
    },
    ModelInfer: (call) => infer(backend, call),
    RepositoryIndex: async (call) => {
      const { ready } = read(messages.RepositoryIndexRequestSchema, call);
      const models = backend.repositoryIndex().filter(({ state }) => !ready || state === "READY");
      return answer(messages.RepositoryIndexResponseSchema, { models: [...models] });
    },
    RepositoryModelLoad: async (call) => {
      const modelName = repositoryModelName(call.bytes);
      await backend.load(modelName);
      return answer(messages.RepositoryModelLoadResponseSchema, { modelName, isLoaded: true });
    },
    RepositoryModelUnload: async (call) => {
      const modelName = repositoryModelName(call.bytes);
      await backend.unload(modelName);
      return answer(messages.RepositoryModelUnloadResponseSchema, { modelName, isUnloaded: true });
    },
  };
  const open: ReadonlySet<string> = new Set(["ServerLive", "ServerReady", "ModelReady"]);
  const onError = (error: InferenceError, requestId: string): void => backend.logError(error, requestId);
  for (const [name, method] of Object.entries(methods)) {
    const guarded: GrpcMethod = async (call) => {
      await backend.authenticate?.(call.headers, open.has(name));
      return method(call);
    };
    server.register(`/${SERVICE}/${name}`, toUnaryHandler(guarded, onError), identity, identity, "unary");
  }
}

async function infer(backend: GrpcBackend, call: GrpcCall) {
  const { bytes, headers, requestId } = call;
  const { message, headers: responseHeaders } = await backend.infer({
    ...readModel(bytes),
    message: { headers: {}, body: [bytes] },
    headers,
    requestId,
    get signal() {
      return call.signal;
    },
  });
  return { bytes: joinChunks(message.body), headers: responseHeaders };
}

/**
 * The model of a load or unload: field 1, as KServe has it. Triton's clients send a repository as field 1 and the model as
 * field 2.
 */
function repositoryModelName(bytes: Uint8Array): string {
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

function copyOf({ name, version, extensions }: ServerMetadata) {
  return { name, version, extensions: [...extensions] };
}

function identity(bytes: Buffer): Buffer {
  return bytes;
}

function read<Desc extends DescMessage>(schema: Desc, call: GrpcCall): MessageShape<Desc> {
  return reading(schema.name, () => fromBinary(schema, call.bytes));
}

function answer<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>) {
  return { bytes: Buffer.from(toBinary(schema, create(schema, init))) };
}
