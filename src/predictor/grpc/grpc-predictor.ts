import { Buffer } from "node:buffer";
import { create, type DescMessage, type MessageInitShape, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { isDerived } from "../../convert/derived-values.ts";
import { InferenceError } from "../../errors.ts";
import { prepareContent } from "../../inference/content.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import type { InferResponse } from "../../inference/infer-response.ts";
import type { InferOptions } from "../../inference/inference-client.ts";
import type { ModelMetadata } from "../../inference/model-metadata.ts";
import { untilAborted } from "../../policy/deadline.ts";
import { joinChunks } from "../../protocol/body-bytes.ts";
import { readControlMessage } from "../../protocol/grpc/control-message.ts";
import {
  GRPCInferenceService,
  ModelMetadataRequestSchema,
  type ModelMetadataResponse,
  ModelMetadataResponseSchema,
  ModelReadyRequestSchema,
  ModelReadyResponseSchema,
} from "../../protocol/grpc/gen/inference_pb.ts";
import { grpcCodec } from "../../protocol/grpc/grpc-codec.ts";
import { MODEL_INFER } from "../../protocol/grpc/infer-message.ts";
import { resume } from "../../resumable.ts";
import { Turns } from "../../turns.ts";
import { parseModelMetadata } from "../http/parse-metadata.ts";
import { KeyedLookup } from "../keyed-lookup.ts";
import { toPredictorName } from "../model-names.ts";
import type { Forwarder, Predictor } from "../predictor.ts";
import { GrpcCaller, observedCall } from "./caller.ts";
import { GrpcForwarder } from "./forwarder.ts";
import {
  type GrpcPredictorOptions,
  type ResolvedGrpcPredictorOptions,
  resolveGrpcPredictorOptions,
} from "./options.ts";

/**
 * A predictor that speaks `inference.GRPCInferenceService`: KServe's runtimes, Triton, MLServer.
 * @throws InferenceError invalid_argument for an option that cannot be.
 */
export function createGrpcPredictor(options: GrpcPredictorOptions): Predictor {
  return new GrpcPredictor(resolveGrpcPredictorOptions(options));
}

class GrpcPredictor implements Predictor {
  readonly description: string;
  readonly modelName?: string;
  readonly forwarder: Forwarder;
  readonly #options: ResolvedGrpcPredictorOptions;
  readonly #caller: GrpcCaller;
  readonly #metadata: KeyedLookup<ModelMetadata>;

  constructor(options: ResolvedGrpcPredictorOptions) {
    this.#options = options;
    this.#caller = new GrpcCaller(options);
    this.#metadata = new KeyedLookup((modelName) => this.#loadMetadata(toPredictorName(modelName, options.names)));
    const { predictorModelName } = options.names;
    if (predictorModelName !== undefined) this.modelName = predictorModelName;
    this.forwarder = new GrpcForwarder(this.#caller, options.names, options.requestTimeoutMs);
    this.description = `grpc-v2 ${options.secure ? "grpcs" : "grpc"}://${options.address}`;
  }

  async infer(request: InferRequest, options: InferOptions = {}): Promise<InferResponse> {
    if (options.verb === "explain") {
      throw new InferenceError("the predictor speaks gRPC V2, which has no explain", { code: "unimplemented" });
    }
    const { names, limits, binary, requestTimeoutMs } = this.#options;
    const { signal, headers = {}, forwardRequestedOutputs } = options;
    const reading = request.source?.wire === "grpc-v2" ? undefined : prepareContent(request, signal, "columns");
    if (reading !== undefined) await reading;
    const { modelName, modelVersion } = request;
    const derived =
      request.source?.wire !== "grpc-v2" && (request.values.native === "rows" || isDerived(request.values));
    const metadata = derived ? await untilAborted(this.#metadata.get(modelName), signal) : undefined;
    const named = request.withModel(toPredictorName(modelName, names), modelVersion);
    const encoding = { metadata, binary: binary !== "off", forwardRequestedOutputs };
    const encoded = resume(new Turns(signal), () => grpcCodec.encodeRequest(named, encoding));
    const message = encoded instanceof Promise ? await encoded : encoded;
    const call = { path: MODEL_INFER, message: joinChunks(message.body), headers, timeoutMs: requestTimeoutMs };
    const bytes = await observedCall(this.#caller, "grpc-v2", call, options, named.modelName);
    return grpcCodec.decodeResponse({ headers: {}, body: [bytes] }, { modelName, limits });
  }

  async ready({ signal }: { readonly signal?: AbortSignal } = {}): Promise<boolean> {
    const pair = [ModelReadyRequestSchema, ModelReadyResponseSchema] as const;
    const name = toPredictorName(this.#options.modelName, this.#options.names);
    try {
      return (await this.#ask("ModelReady", pair, { name }, signal)).ready;
    } catch {
      return false;
    }
  }

  metadata({ signal }: { readonly signal?: AbortSignal } = {}): Promise<ModelMetadata | undefined> {
    return untilAborted(this.#metadata.get(this.#options.modelName), signal);
  }

  async close(): Promise<void> {
    this.#caller.close();
  }

  /** Undefined when the predictor says nothing of the model. */
  async #loadMetadata(name: string): Promise<ModelMetadata | undefined> {
    try {
      const pair = [ModelMetadataRequestSchema, ModelMetadataResponseSchema] as const;
      return parseModelMetadata(plain(await this.#ask("ModelMetadata", pair, { name }, undefined)));
    } catch (error) {
      if (InferenceError.isInstance(error) && SILENT.has(error.code)) return undefined;
      throw error;
    }
  }

  async #ask<In extends DescMessage, Out extends DescMessage>(
    method: string,
    [input, output]: readonly [In, Out],
    init: MessageInitShape<In>,
    signal: AbortSignal | undefined,
  ): Promise<MessageShape<Out>> {
    const message = Buffer.from(toBinary(input, create(input, init)));
    const { healthTimeoutMs, requestTimeoutMs } = this.#options;
    const timeoutMs = Math.min(healthTimeoutMs, requestTimeoutMs);
    const path = `/${GRPCInferenceService.typeName}/${method}`;
    const { bytes } = await this.#caller.call({ path, message, headers: {}, timeoutMs }, signal);
    try {
      return readControlMessage(output, bytes, MAX_ANSWER_BYTES);
    } catch (error) {
      throw new InferenceError(`predictor's response: expected a ${output.name}`, {
        code: "bad_gateway",
        cause: error,
      });
    }
  }
}

/** What a predictor says of itself and of a model. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** Codes of a predictor that has no metadata of the model. */
const SILENT: ReadonlySet<string> = new Set(["invalid_argument", "not_found", "unimplemented"]);

function plain({ name, versions, platform, inputs, outputs }: ModelMetadataResponse): unknown {
  const specs = (tensors: ModelMetadataResponse["inputs"]) =>
    tensors.map(({ name: tensor, datatype, shape }) => ({ name: tensor, datatype, shape: shape.map(Number) }));
  return { name, versions, platform, inputs: specs(inputs), outputs: specs(outputs) };
}
