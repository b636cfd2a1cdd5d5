import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { InferenceError } from "../errors.ts";
import type { TfModel, TfModule } from "./tf-module.ts";

/** The parts of `model.json` that say where the weights are. */
interface ModelJson {
  readonly format?: string;
  readonly modelTopology: object;
  readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: readonly object[] }[];
  readonly [member: string]: unknown;
}

export interface LoadedTfModel {
  readonly model: TfModel;
  /** As the file has them, where they are told from it. */
  readonly inputNames: readonly string[];
}

/**
 * A TensorFlow.js model, layers or graph, from its `model.json` and the weights beside it. Read here and not by `file://`,
 * which only tfjs-node knows.
 * @throws InferenceError unavailable, with the reason as its cause.
 */
export async function loadTfModel(tf: TfModule, path: string): Promise<LoadedTfModel> {
  try {
    const json = JSON.parse(await readFile(path, "utf8")) as ModelJson;
    const weights = await readWeights(dirname(path), json);
    const { weightsManifest, ...artifacts } = json;
    const source = {
      load: async () => ({
        ...artifacts,
        weightSpecs: weightsManifest.flatMap((group) => group.weights),
        weightData: weights,
      }),
    };
    if (json.format === "graph-model") return { model: await tf.loadGraphModel(source as never), inputNames: [] };
    return { model: await tf.loadLayersModel(source as never), inputNames: inputNamesOf(json) };
  } catch (error) {
    throw new InferenceError(`the TensorFlow.js model ${basename(path)} cannot be loaded`, {
      code: "unavailable",
      cause: error,
    });
  }
}

interface LayerJson {
  readonly class_name: string;
  readonly config: { readonly name?: string };
}

interface TopologyJson {
  readonly config: readonly LayerJson[] | { layers?: readonly LayerJson[]; input_layers?: readonly [string][] };
}

/**
 * Names of a layers model's inputs. Not the loaded model's own: TensorFlow.js numbers them through the process, so that a
 * model which is loaded again would have others.
 */
function inputNamesOf({ modelTopology }: ModelJson): readonly string[] {
  const { config } = ("model_config" in modelTopology ? modelTopology.model_config : modelTopology) as TopologyJson;
  if (!("length" in config) && config.input_layers !== undefined) return config.input_layers.map(([name]) => name);
  const [first] = "length" in config ? config : (config.layers ?? []);
  if (first?.config.name === undefined) return [];
  return [first.class_name === "InputLayer" ? first.config.name : `${first.config.name}_input`];
}

async function readWeights(folder: string, { weightsManifest }: ModelJson): Promise<ArrayBuffer> {
  const files = weightsManifest.flatMap(({ paths }) => paths.map((path) => join(folder, path)));
  for (const file of files) {
    if (!resolve(file).startsWith(resolve(folder) + sep))
      throw new Error(`weights outside the model's folder: ${file}`);
  }
  const parts = await Promise.all(files.map((file) => readFile(file)));
  const joined = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.byteLength;
  }
  return joined.buffer;
}
