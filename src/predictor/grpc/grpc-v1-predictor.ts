import { isDerived } from "../../convert/derived-values.ts";
import { InferenceError } from "../../errors.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import type { InferResponse } from "../../inference/infer-response.ts";
import type { InferOptions } from "../../inference/inference-client.ts";
import type { ModelMetadata } from "../../inference/model-metadata.ts";
import { untilAborted } from "../../policy/deadline.ts";
import { joinChunks } from "../../protocol/body-bytes.ts";
import { decodePredictResponseInTurns } from "../../protocol/tensorflow/decode.ts";
import { encodePredictRequest, signatureOf } from "../../protocol/tensorflow/encode.ts";
import {
  decodeMetadataResponse,
  encodeMetadataRequest,
  encodeStatusRequest,
  isAvailable,
} from "../../protocol/tensorflow/metadata.ts";
import type { ModelSpec } from "../../protocol/tensorflow/model-spec.ts";
import { KeyedLookup } from "../keyed-lookup.ts";
import { toPredictorName } from "../model-names.ts";
import type { Predictor } from "../predictor.ts";
import { GrpcCaller, observedCall } from "./caller.ts";
import {
  type GrpcPredictorOptions,
  type ResolvedGrpcPredictorOptions,
  resolveGrpcPredictorOptions,
} from "./options.ts";

const PREDICT = "/tensorflow.serving.PredictionService/Predict";
const METADATA = "/tensorflow.serving.PredictionService/GetModelMetadata";
const STATUS = "/tensorflow.serving.ModelService/GetModelStatus";
const DEFAULT_SIGNATURE = "serving_default";

type Signatures = ReadonlyMap<string, ModelMetadata>;

/** As for gRPC V2; TensorFlow Serving always gets numbers raw. */
export type GrpcV1PredictorOptions = Omit<GrpcPredictorOptions, "binary">;

/**
 * TensorFlow Serving over gRPC (KServe's `grpc-v1`): tensors travel as bytes, not as JSON.
 * @throws InferenceError invalid_argument for an option that cannot be.
 */
export function createGrpcV1Predictor(options: GrpcV1PredictorOptions): Predictor {
  return new GrpcV1Predictor(resolveGrpcPredictorOptions(options));
}

class GrpcV1Predictor implements Predictor {
  readonly description: string;
  readonly modelName?: string;
  readonly #options: ResolvedGrpcPredictorOptions;
  readonly #caller: GrpcCaller;
  readonly #signatures: KeyedLookup<Signatures>;

  constructor(options: ResolvedGrpcPredictorOptions) {
    this.#options = options;
    this.#caller = new GrpcCaller(options);
    this.#signatures = new KeyedLookup((modelName) => this.#loadSignatures(modelName));
    const { predictorModelName } = options.names;
    if (predictorModelName !== undefined) this.modelName = predictorModelName;
    this.description = `grpc-v1 ${options.secure ? "grpcs" : "grpc"}://${options.address}`;
  }

  async infer(request: InferRequest, options: InferOptions = {}): Promise<InferResponse> {
    if (options.verb === "explain") {
      throw new InferenceError("the predictor speaks TensorFlow's gRPC, which has no explain", {
        code: "unimplemented",
      });
    }
    const { limits, requestTimeoutMs: timeoutMs, names } = this.#options;
    const { signal, headers = {}, forwardRequestedOutputs } = options;
    const { modelName, modelVersion } = request;
    const metadata = await untilAborted(this.#metadataFor(request), signal);
    const named = request.withModel(toPredictorName(modelName, names), modelVersion);
    const chunks = encodePredictRequest(named, {
      metadata,
      forwardRequestedOutputs,
    });
    const call = { path: PREDICT, message: joinChunks(chunks), headers, timeoutMs };
    const bytes = await observedCall(this.#caller, "grpc-v1", call, options, named.modelName);
    return decodePredictResponseInTurns(bytes, modelName, limits, signal);
  }

  async ready({ signal }: { readonly signal?: AbortSignal } = {}): Promise<boolean> {
    try {
      return isAvailable(await this.#ask(STATUS, encodeStatusRequest(this.#spec(this.#options.modelName)), signal));
    } catch {
      return false;
    }
  }

  /** What the default signature takes and gives. */
  async metadata({ signal }: { readonly signal?: AbortSignal } = {}): Promise<ModelMetadata | undefined> {
    const signatures = await untilAborted(this.#signatures.get(this.#options.modelName), signal);
    return signatures?.get(DEFAULT_SIGNATURE);
  }

  async close(): Promise<void> {
    this.#caller.close();
  }

  /** Names and datatypes for content that has none of its own. */
  async #metadataFor(request: InferRequest): Promise<ModelMetadata | undefined> {
    const { values } = request;
    if (values.native !== "rows" && !isDerived(values)) return undefined;
    const signatures = await this.#signatures.get(request.modelName);
    return signatures?.get(signatureOf(request.content) ?? DEFAULT_SIGNATURE);
  }

  /** Undefined when the predictor says nothing of the model. */
  async #loadSignatures(modelName: string): Promise<Signatures | undefined> {
    try {
      const bytes = await this.#ask(METADATA, encodeMetadataRequest(this.#spec(modelName)), undefined);
      return decodeMetadataResponse(bytes, modelName);
    } catch (error) {
      if (InferenceError.isInstance(error) && SILENT.has(error.code)) return undefined;
      throw error;
    }
  }

  #spec(modelName: string): ModelSpec {
    return { name: toPredictorName(modelName, this.#options.names) };
  }

  async #ask(path: string, message: Uint8Array, signal: AbortSignal | undefined): Promise<Buffer> {
    const { healthTimeoutMs, requestTimeoutMs } = this.#options;
    const timeoutMs = Math.min(healthTimeoutMs, requestTimeoutMs);
    const call = { path, message: joinChunks([message]), headers: {}, timeoutMs };
    return (await this.#caller.call(call, signal)).bytes;
  }
}

/** Codes of a predictor that has no metadata of the model. */
const SILENT: ReadonlySet<string> = new Set(["invalid_argument", "not_found", "unimplemented"]);
