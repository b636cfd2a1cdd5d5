import { access } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { InferenceSession } from "onnxruntime-node";
import { guardValues, resolveRequestTensors } from "../../convert/request-tensors.ts";
import { InferenceError } from "../../errors.ts";
import { assertInputs } from "../../inference/checks/assert-inputs.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import { InferResponse } from "../../inference/infer-response.ts";
import type { AskOptions, InferOptions } from "../../inference/inference-client.ts";
import type { ModelMetadata } from "../../inference/model-metadata.ts";
import { TensorValues } from "../../inference/row-and-tensor-values.ts";
import { cancellation, untilAborted } from "../../policy/deadline.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { CachedLookup } from "../cached-lookup.ts";
import type { Predictor } from "../predictor.ts";
import { loadOnnxRuntime, type OnnxRuntime } from "./load-onnx-runtime.ts";
import { fromOnnxTensor, toOnnxTensor, toTensorSpec } from "./onnx-tensor.ts";

export interface OnnxPredictorOptions {
  /** The `.onnx` file; weights in files beside it are found. */
  readonly path: string | URL;
  /** Name in the metadata. @default the file's name without `.onnx` */
  readonly modelName?: string | undefined;
  /** Handed to ONNX Runtime: `intraOpNumThreads`, `executionProviders` … @default its own */
  readonly sessionOptions?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * An ONNX model in this process, run by the optional peer onnxruntime-node. The model is loaded when it is first asked for
 * anything. Inputs are checked against the model's own names, datatypes and shapes; rows are named and cast by them.
 *
 * ONNX Runtime computes on the event loop: while it does, nothing else is answered. Its own threads share the work of one call.
 */
export function createOnnxPredictor(options: OnnxPredictorOptions): Predictor {
  return new OnnxPredictor(options);
}

interface LoadedModel {
  readonly runtime: OnnxRuntime;
  readonly session: InferenceSession;
  readonly metadata: ModelMetadata;
}

class OnnxPredictor implements Predictor {
  readonly description: string;
  readonly #model: CachedLookup<LoadedModel>;
  #isClosed = false;

  constructor(options: OnnxPredictorOptions) {
    const path = typeof options.path === "string" ? options.path : fileURLToPath(options.path);
    this.description = `onnx ${path}`;
    this.#model = new CachedLookup(
      async () => {
        const model = await loadModel(path, options);
        if (this.#isClosed) await model.session.release();
        return model;
      },
      () => Number.POSITIVE_INFINITY,
    );
  }

  async infer(request: InferRequest, { verb, signal }: InferOptions = {}): Promise<InferResponse> {
    if (verb === "explain") throw new InferenceError("an ONNX model has no explain", { code: "unimplemented" });
    const { runtime, session, metadata } = await this.#loaded(signal);
    const feeds = guardValues(request, () => {
      const inputs = resolveRequestTensors(request, metadata);
      assertInputs(inputs, metadata.inputs);
      return Object.fromEntries(inputs.map((tensor) => [tensor.name, toOnnxTensor(runtime, tensor)]));
    });
    const names = metadata.outputs.map(({ name }) => name);
    const outputs = await untilAborted(run(session, feeds, names), signal);
    const values = new TensorValues(outputs, "output");
    return new InferResponse({ modelName: request.modelName, content: { values, parameters: {}, members: {} } });
  }

  /** False while the model cannot be loaded; `metadata` says why. */
  async ready({ signal }: AskOptions = {}): Promise<boolean> {
    try {
      await this.#loaded(signal);
      return true;
    } catch {
      return false;
    }
  }

  async metadata({ signal }: AskOptions = {}): Promise<ModelMetadata> {
    return (await this.#loaded(signal)).metadata;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#model.current?.session.release();
  }

  async #loaded(signal: AbortSignal | undefined): Promise<LoadedModel> {
    if (this.#isClosed) throw closed();
    if (signal?.aborted) throw cancellation(signal);
    const model = this.#model.current ?? (await untilAborted(this.#model.get(), signal));
    if (this.#isClosed) throw closed();
    return model;
  }
}

function closed(): InferenceError {
  return new InferenceError("the embedded model is closed", { code: "unavailable" });
}

async function loadModel(path: string, options: OnnxPredictorOptions): Promise<LoadedModel> {
  const runtime = await loadOnnxRuntime();
  let session: InferenceSession;
  try {
    session = await runtime.InferenceSession.create(path, options.sessionOptions);
  } catch (error) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    const why = isThere ? "cannot be loaded: it is no ONNX model that this runtime reads" : "is not there";
    throw new InferenceError(`the ONNX model ${basename(path)} ${why}`, { code: "unavailable", cause: error });
  }
  const inputs = session.inputMetadata.map((input) => {
    const spec = toTensorSpec(input);
    if (spec !== undefined) return spec;
    throw new InferenceError(`the ONNX model ${basename(path)} takes an input '${input.name}' that V2 cannot carry`);
  });
  const outputs = session.outputMetadata.map(toTensorSpec).filter((spec) => spec !== undefined);
  const name = options.modelName ?? basename(path, ".onnx");
  return { runtime, session, metadata: { name, platform: "onnxruntime_onnx", inputs, outputs } };
}

async function run(
  session: InferenceSession,
  feeds: InferenceSession.FeedsType,
  names: readonly string[],
): Promise<readonly Tensor[]> {
  let results: InferenceSession.ReturnType;
  try {
    results = await session.run(feeds, names);
  } catch (error) {
    throw new InferenceError("the model failed on these inputs", { code: "internal", cause: error });
  }
  return names.map((name) => fromOnnxTensor(name, results[name] as InferenceSession.ReturnType[string]));
}
