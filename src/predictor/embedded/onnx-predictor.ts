import { access } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { guardValues, resolveRequestTensors } from "../../convert/request-tensors.ts";
import { InferenceError } from "../../errors.ts";
import { assertInputs } from "../../inference/checks/assert-inputs.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import { InferResponse } from "../../inference/infer-response.ts";
import type { AskOptions, InferOptions } from "../../inference/inference-client.ts";
import type { ModelMetadata } from "../../inference/model-metadata.ts";
import { TensorValues } from "../../inference/row-and-tensor-values.ts";
import { cancellation, untilAborted } from "../../policy/deadline.ts";
import { concatTensors } from "../../tensor/concat-tensors.ts";
import type { Tensor, TensorSpec } from "../../tensor/tensor.ts";
import { CachedLookup } from "../cached-lookup.ts";
import type { Predictor } from "../predictor.ts";
import type { OnnxValue, OnnxValues } from "./onnx-messages.ts";
import { OnnxSession } from "./onnx-session.ts";
import { fromOnnxValue, toOnnxValue, toTensorSpec } from "./onnx-tensor.ts";
import { toCalls } from "./single-rows.ts";

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
 * The model runs in a thread of its own, one call after the other; ONNX Runtime's own threads share the work of a call. One
 * that was exported for a batch of one is called once a row.
 */
export function createOnnxPredictor(options: OnnxPredictorOptions): Predictor {
  return new OnnxPredictor(options);
}

interface LoadedModel {
  readonly session: OnnxSession;
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
        if (this.#isClosed) await model.session.close();
        return model;
      },
      () => Number.POSITIVE_INFINITY,
    );
  }

  async infer(request: InferRequest, { verb, signal }: InferOptions = {}): Promise<InferResponse> {
    if (verb === "explain") throw new InferenceError("an ONNX model has no explain", { code: "unimplemented" });
    const { session, metadata } = await this.#loaded(signal);
    const calls = guardValues(request, () =>
      toCalls(resolveRequestTensors(request, metadata), metadata).map((inputs) => {
        assertInputs(inputs, metadata.inputs);
        return Object.fromEntries(inputs.map((tensor) => [tensor.name, toOnnxValue(tensor)]));
      }),
    );
    const names = metadata.outputs.map(({ name }) => name);
    const results: OnnxValues[] = [];
    for (const feeds of calls) results.push(await untilAborted(session.run({ feeds, names }, signal), signal));
    const outputs = names.map((name) => {
      const [only, ...others] = results.map((values) => fromOnnxValue(name, values[name] as OnnxValue));
      return others.length === 0 ? (only as Tensor) : concatTensors([only as Tensor, ...others]);
    });
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
    await this.#model.current?.session.close();
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
  const session = await OnnxSession.open({ path, sessionOptions: options.sessionOptions }, async (cause) => {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    const why = isThere ? "cannot be loaded: it is no ONNX model that this runtime reads" : "is not there";
    return new InferenceError(`the ONNX model ${basename(path)} ${why}`, { code: "unavailable", cause });
  });
  const inputs = session.inputs.map((input) => toTensorSpec(input));
  const unknown = session.inputs[inputs.indexOf(undefined)];
  if (unknown !== undefined) {
    await session.close();
    throw new InferenceError(`the ONNX model ${basename(path)} takes an input '${unknown.name}' that V2 cannot carry`);
  }
  const isSpec = (spec: TensorSpec | undefined): spec is TensorSpec => spec !== undefined;
  const outputs = session.outputs.map(toTensorSpec).filter(isSpec);
  const name = options.modelName ?? basename(path, ".onnx");
  return { session, metadata: { name, platform: "onnxruntime_onnx", inputs: inputs.filter(isSpec), outputs } };
}
