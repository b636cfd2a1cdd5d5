import { basename, dirname } from "node:path";
import { guardValues, resolveRequestTensors } from "../convert/request-tensors.ts";
import { InferenceError } from "../errors.ts";
import { assertInputs } from "../inference/checks/assert-inputs.ts";
import type { InferRequest } from "../inference/infer-request.ts";
import { InferResponse } from "../inference/infer-response.ts";
import type { InferOptions } from "../inference/inference-client.ts";
import type { ModelMetadata } from "../inference/model-metadata.ts";
import { TensorValues } from "../inference/row-and-tensor-values.ts";
import { untilAborted } from "../policy/deadline.ts";
import { CachedLookup } from "../predictor/cached-lookup.ts";
import type { Predictor } from "../predictor/predictor.ts";
import type { Tensor, TensorSpec } from "../tensor/tensor.ts";
import { loadTfModel } from "./load-tf-model.ts";
import type { TfModel, TfModule, TfTensor, TfTensorInfo } from "./tf-module.ts";
import { datatypeOf, fromTfTensor, toTfTensor } from "./tf-tensor.ts";
import { withTensors } from "./with-tensors.ts";

export interface TfjsPredictorOptions {
  /** The TensorFlow.js module: `import * as tf from "@tensorflow/tfjs-node"`. */
  readonly tf: TfModule;
  /** Path of `model.json`, of a layers or a graph model. */
  readonly path: string;
  /** Name in the metadata. @default the name of the model's folder */
  readonly modelName?: string | undefined;
}

interface LoadedModel {
  readonly model: TfModel;
  readonly metadata: ModelMetadata;
}

/** A TensorFlow.js model in this process; loaded when it is first asked for anything. */
export function createTfjsPredictor(options: TfjsPredictorOptions): Predictor {
  const { tf, path } = options;
  const name = options.modelName ?? basename(dirname(path));
  const loaded = new CachedLookup(
    async (): Promise<LoadedModel> => {
      const { model, inputNames } = await loadTfModel(tf, path);
      return { model, metadata: { name, ...specsOf(model, inputNames), platform: "tensorflow_js" } };
    },
    () => Number.POSITIVE_INFINITY,
  );
  return {
    description: `tfjs ${path}`,
    infer: async (request: InferRequest, { verb, signal }: InferOptions = {}) => {
      if (verb === "explain")
        throw new InferenceError("a TensorFlow.js model has no explain", { code: "unimplemented" });
      const { model, metadata } = await untilAborted(loaded.get(), signal);
      const inputs = guardValues(request, () => {
        const tensors = resolveRequestTensors(request, metadata);
        assertInputs(tensors, metadata.inputs);
        return tensors;
      });
      const values = new TensorValues(await untilAborted(run(tf, model, inputs, metadata), signal), "output");
      return new InferResponse({ modelName: request.modelName, content: { values, parameters: {}, members: {} } });
    },
    ready: () =>
      loaded.get().then(
        () => true,
        () => false,
      ),
    metadata: async () => (await loaded.get()).metadata,
    close: async () => {
      loaded.current?.model.dispose();
    },
  };
}

function run(tf: TfModule, model: TfModel, inputs: readonly Tensor[], metadata: ModelMetadata): Promise<Tensor[]> {
  const { outputs } = metadata;
  return withTensors(async (keep) => {
    const feeds = new Map(inputs.map((tensor) => [tensor.name, keep(toTfTensor(tf, tensor))]));
    const answer = await predict(tf, model, metadata.inputs, feeds);
    const tensors = outputsInOrder(answer, outputs).map(keep);
    return Promise.all(tensors.map((tensor, index) => fromTfTensor(outputs[index]?.name ?? `output-${index}`, tensor)));
  });
}

/** Layers models take tensors by order and give them so; graph models take and give them by name. */
async function predict(
  tf: TfModule,
  model: TfModel,
  inputs: readonly TensorSpec[],
  feeds: ReadonlyMap<string, TfTensor>,
): Promise<unknown> {
  if (model.executeAsync !== undefined) return model.executeAsync(Object.fromEntries(feeds) as never);
  const ordered = inputs.map(({ name }) => feeds.get(name));
  return tf.tidy((() => model.predict((ordered.length === 1 ? ordered[0] : ordered) as never)) as never);
}

function outputsInOrder(answer: unknown, outputs: readonly TensorSpec[]): TfTensor[] {
  if (Array.isArray(answer)) return answer as TfTensor[];
  if (typeof answer === "object" && answer !== null && "dataSync" in answer) return [answer as unknown as TfTensor];
  const byName = answer as Record<string, TfTensor>;
  return outputs.flatMap(({ name }) => byName[name] ?? []);
}

function specsOf(model: TfModel, inputNames: readonly string[]): Pick<ModelMetadata, "inputs" | "outputs"> {
  const inputs = model.inputs.map((input, index) =>
    toSpec({ ...infoOf(input), name: inputNames[index] ?? input.name }),
  );
  return { inputs, outputs: model.outputs.map(infoOf).map(toSpec) };
}

/** The members, which are getters on some versions. */
function infoOf({ name, shape, dtype }: TfTensorInfo): TfTensorInfo {
  return { name, ...(shape === undefined ? {} : { shape }), ...(dtype === undefined ? {} : { dtype }) };
}

function toSpec({ name, shape = [], dtype }: TfTensorInfo): TensorSpec {
  const datatype = datatypeOf(dtype);
  if (datatype === undefined) throw new Error(`tensor '${name}': V2 has no datatype for ${dtype}`);
  return { name: nameOf(name), datatype, shape: shape.map((size) => size ?? -1) };
}

/** Without the index of a graph's tensor: `image:0` is `image`. */
function nameOf(name: string): string {
  return name.replace(/:0$/, "");
}
