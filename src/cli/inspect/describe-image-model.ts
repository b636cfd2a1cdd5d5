import { type ImageModel, type ImagePipelineSpecification, type ImageStep, loadImageModel } from "../../image/index.ts";
import { createDetector, createSegmenter } from "../../vision/index.ts";
import { type FolderDescription, formatLabels } from "./description.ts";

/** @throws InferenceError that names the file and the member which cannot be reproduced. */
export async function describeImageModel(
  folder: string,
  backend: "pillow" | "torch" | undefined,
): Promise<FolderDescription> {
  const model = await loadImageModel(folder, backend === undefined ? {} : { backend });
  const { pipeline, labels, task, head, kind, file, activation, detector, segmenter } = model;
  return {
    json: { kind, file, task, labels, activation, detector, segmenter, pipeline },
    rows: [
      ["kind", `${kind}, by ${file}`],
      ["task", head === undefined ? task : `${task} (${head})`],
      ["decode", describeDecode(pipeline)],
      ...pipeline.steps.map((step): [string, string] => [step.step, describeStep(step)]),
      ["output", describeOutput(pipeline)],
      ["labels", formatLabels(labels)],
      ["response", describeResponse(model)],
    ],
  };
}

function describeDecode({ decode: { mode, orientation, decoder } }: ImagePipelineSpecification): string {
  const by = decoder === "tensorflow" ? ", by TensorFlow's decode_image" : "";
  return `${mode}, EXIF orientation ${orientation === "exif" ? "applied" : "not applied"}${by}`;
}

/** The step's members as JSON without braces: `to {"fit":"stretch","size":[224,224]}, with …`. */
function describeStep({ step: _, ...members }: ImageStep): string {
  return Object.entries(members)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(", ");
}

function describeOutput({ output: { layout, datatype, batch } }: ImagePipelineSpecification): string {
  const filled =
    batch === undefined
      ? ""
      : `, pictures filled up with ${batch.value} to multiples of ${batch.multiple}, pixel_mask beside`;
  return `${datatype} [N, ${layout === "NHWC" ? "height, width, channels" : "channels, height, width"}]${filled}`;
}

function describeResponse({ task, labels, activation, detector, segmenter }: ImageModel): string {
  if (detector !== undefined) return createDetector(detector).description;
  if (segmenter !== undefined) return createSegmenter().description;
  if (task !== "classification" || labels.length === 0) return "the model's outputs as they are";
  return `labels with scores, best first${activation === "none" ? "" : `, after ${activation}`}`;
}
