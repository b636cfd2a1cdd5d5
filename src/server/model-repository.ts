import { InferenceError } from "../errors.ts";
import type { ModelMetadata } from "../inference/model-metadata.ts";
import type { Model } from "../transformer/model.ts";
import type { ModelServer } from "./model-server.ts";

/**
 * Loads a model, or puts a newly loaded one in the place of one that serves.
 * @throws InferenceError permission_denied, not_found; unavailable with the model's name, whose cause is in the log.
 */
export async function loadModel(server: ModelServer, name: string): Promise<void> {
  assertModelControl(server);
  const model = server.registry.find(name);
  try {
    await model.reload();
  } catch (error) {
    throw new InferenceError(`model '${name}' failed to load`, { code: "unavailable", cause: error });
  }
}

/** @throws InferenceError permission_denied, not_found. */
export async function unloadModel(server: ModelServer, name: string): Promise<void> {
  assertModelControl(server);
  await server.registry.find(name).unload();
}

function assertModelControl({ options }: ModelServer): void {
  if (options.modelControl) return;
  throw new InferenceError("models are not loaded and unloaded by requests here (--model_control)", {
    code: "permission_denied",
  });
}

/**
 * What clients send and get: the transformer's declaration; where it declares nothing and hooks nothing on that side, the
 * predictor's.
 */
export async function modelMetadata(model: Model, signal: AbortSignal): Promise<ModelMetadata> {
  const { transformer } = model;
  const inputsHooked = transformer.inputs !== undefined || transformer.preprocess !== undefined;
  const outputsHooked =
    transformer.outputs !== undefined || transformer.postprocess !== undefined || transformer.predict !== undefined;
  const passedOn =
    inputsHooked && outputsHooked ? undefined : await model.client.metadata({ signal, modelName: model.name });
  return {
    name: model.name,
    versions: passedOn?.versions ?? [],
    platform: passedOn?.platform ?? "kserve-transformer",
    inputs: transformer.inputs ?? (inputsHooked ? [] : (passedOn?.inputs ?? [])),
    outputs: transformer.outputs ?? (outputsHooked ? [] : (passedOn?.outputs ?? [])),
  };
}

/** Model repository extension: the state of each model. */
export function repositoryIndex(
  server: ModelServer,
): readonly { readonly name: string; readonly state: string; readonly reason: string }[] {
  const STATES = { ready: "READY", loading: "LOADING", unloaded: "UNAVAILABLE", failed: "UNAVAILABLE" } as const;
  return server.registry.models.map(({ name, state }) => ({
    name,
    state: STATES[state],
    reason: state === "failed" ? "failed to load" : state === "unloaded" ? "unloaded" : "",
  }));
}
