import { stat } from "node:fs/promises";
import { createImagePipeline, type ImageModel, loadImageModel } from "kserve-transformer/image";
import { type Environment, OF_KERAS, readChoice, readLabels, refuseSet, unexpected } from "./configuration.ts";
import { createRespond } from "./respond.ts";
import type { ImageFront } from "./transformer.ts";

const INPUT_NAMES: Readonly<Record<ImageModel["kind"], string>> = {
  "hugging-face": "pixel_values",
  ultralytics: "images",
  timm: "input-0",
  torchvision: "input-0",
  keras: "input-0",
  pipeline: "input-0",
};

/**
 * A model whose folder says how its pictures are prepared.
 * @throws InferenceError that names the file and the member, or the variable.
 */
export async function createFolderFront(folder: string, env: Environment): Promise<ImageFront> {
  if ((await stat(folder).catch(() => undefined))?.isDirectory() !== true) {
    throw unexpected({ IMAGE_MODEL_FOLDER: folder }, "IMAGE_MODEL_FOLDER", "a model's folder");
  }
  refuseSet(env, OF_KERAS, "the model's folder says how pictures are prepared");
  const backend = readChoice(env, "IMAGE_BACKEND", ["as_in_folder", "pillow", "torch"]);
  const model = await loadImageModel(folder, backend === "as_in_folder" ? {} : { backend });
  const pipeline = createImagePipeline(model.pipeline, model.file);
  const labels = env["MODEL_LABELS"] ? readLabels(env) : model.labels;
  return {
    loadOptions: pipeline.loadOptions,
    inputName: INPUT_NAMES[model.kind],
    prepare: async (name, images) => {
      const { tensor, pixelMask, geometry } = await pipeline.run(name, images);
      return { tensors: pixelMask === undefined ? [tensor] : [tensor, pixelMask], geometry };
    },
    respond: createRespond(model, labels, env),
  };
}
