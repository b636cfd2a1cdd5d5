import { rowJsonSchema } from "../inference/checks/standard-schema.ts";
import type { ModelMetadata } from "../inference/model-metadata.ts";
import type { TensorSpec } from "../tensor/tensor.ts";
import type { Model } from "../transformer/model.ts";
import { REQUEST_HOOKS, type Transformer } from "../transformer/transformer.ts";
import type { ExampleSummary } from "./examples.ts";

/** What the page knows of a model before the first request: its form and its hooks. */
export interface ModelDeclaration {
  readonly name: string;
  readonly state: string;
  /** The message of a transformer that could not be loaded. */
  readonly failure?: string;
  /** Name of the transformer's class. */
  readonly transformer?: string;
  readonly hooks: readonly string[];
  readonly inputs?: readonly TensorSpec[];
  readonly outputs?: readonly TensorSpec[];
  /** JSON schema of one row, where the transformer declares `rowSchema`. */
  readonly rowSchema?: Readonly<Record<string, unknown>>;
  readonly featureNames?: readonly string[];
  /** What stands behind it: `v2 http://host:80`; undefined when its hooks are the whole model. */
  readonly predictor?: string;
  readonly predictorMetadata?: ModelMetadata;
  /** True where OpenAI's routes are answered. */
  readonly completes: boolean;
  readonly examples: readonly ExampleSummary[];
}

/** How long a predictor may take to say what it serves; the page does not wait for one that is silent. */
const METADATA_MS = 1000;

export async function declareModel(model: Model, examples: readonly ExampleSummary[]): Promise<ModelDeclaration> {
  const { name, state, predictor } = model;
  const transformer = state === "ready" ? model.transformer : undefined;
  const predictorMetadata = transformer && (await askMetadata(model));
  return {
    name,
    state,
    ...(state === "failed"
      ? { failure: model.failure instanceof Error ? model.failure.message : "failed to load" }
      : {}),
    ...(transformer === undefined ? {} : declared(transformer)),
    hooks: transformer === undefined ? [] : REQUEST_HOOKS.filter((hook) => typeof transformer[hook] === "function"),
    ...(predictor === undefined ? {} : { predictor: predictor.description }),
    ...(predictorMetadata === undefined ? {} : { predictorMetadata }),
    completes: predictor?.proxy !== undefined,
    examples,
  };
}

function declared(transformer: Transformer<unknown>) {
  const { inputs, outputs, rowSchema, featureNames } = transformer;
  const schema = rowSchema && rowJsonSchema(rowSchema);
  return {
    transformer: transformer.constructor.name,
    ...(inputs === undefined ? {} : { inputs }),
    ...(outputs === undefined ? {} : { outputs }),
    ...(schema === undefined ? {} : { rowSchema: schema }),
    ...(featureNames === undefined ? {} : { featureNames }),
  };
}

async function askMetadata({ client, name }: Model): Promise<ModelMetadata | undefined> {
  try {
    return await client.metadata({ modelName: name, signal: AbortSignal.timeout(METADATA_MS) });
  } catch {
    return undefined;
  }
}
