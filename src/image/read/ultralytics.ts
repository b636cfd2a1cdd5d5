import type { DetectorSpecification } from "../folder/detector-specification.ts";
import { parseImagePipeline } from "../pipeline/parse-pipeline.ts";
import type { ImagePipelineSpecification, Size, StepInput } from "../pipeline/specification.ts";
import { type ConfigReader, createConfigReader } from "./config-reader.ts";

/** Members of an export's metadata that say nothing about the values of the pixels. */
const SILENT: ReadonlySet<string> = new Set([
  ...["author", "date", "version", "license", "docs", "batch", "names", "end2end"],
  ...["kpt_shape", "kpt_names", "dla", "model_type"],
]);
/** Arguments of the export that say nothing about the pixels. */
const SILENT_ARGUMENTS: ReadonlySet<string> = new Set([
  ...["batch", "simplify", "opset", "nms", "int8", "optimize", "fraction", "workspace", "keras", "device", "name"],
  ...[
    "agnostic_nms",
    "conf",
    "iou",
    "max_det",
    "data",
    "quantize",
    "end2end",
    "separate_outputs",
    "format",
    "imgsz",
    "fuse",
  ],
]);

const TASKS = ["detect", "segment", "pose", "obb", "classify", "semantic"] as const;
export type UltralyticsTask = (typeof TASKS)[number];

/**
 * The pipeline that Ultralytics runs before an exported model, from the metadata that it writes into the export or beside it
 * (metadata.yaml): letterbox, or for classifiers torchvision's resize and crop.
 * @throws InferenceError invalid_argument that names what is unknown or cannot be reproduced.
 */
export function readUltralyticsMetadata(value: unknown, file = "metadata.yaml"): ImagePipelineSpecification {
  const reader = createConfigReader(value, file, SILENT);
  const task = readUltralyticsTask(reader);
  refuseRtdetr(reader);
  const size = readSize(reader);
  const stride = reader.number("stride", 32);
  const isGrey = readChannels(reader) === 1;
  const exported = createConfigReader(reader.take("args") ?? {}, `${file}: args`, SILENT_ARGUMENTS);
  const [isHalf, isDynamic] = [exported.flag("half", false), exported.flag("dynamic", false)];
  exported.finish();
  reader.finish();
  const steps: StepInput[] = [
    ...(task === "classify"
      ? classifierSteps(size)
      : // A model of any size gets the smallest picture of whole strides, as `predict` does where all have one shape.
        [{ step: "letterbox", size, fill: !isDynamic, stride } as const]),
    { step: "rescale", divisor: 255 },
  ];
  return parseImagePipeline(
    {
      decode: { mode: isGrey ? "L" : "RGB", orientation: "exif" },
      steps,
      output: { layout: "NCHW", datatype: isHalf ? "FP16" : "FP32" },
    },
    file,
  );
}

/** Its pictures are stretched and its boxes are shares: none of the other heads' rules hold. */
function refuseRtdetr(reader: Pick<ConfigReader, "text" | "unexpected">): void {
  const [head, description] = [reader.text("head", ""), reader.text("description", "")];
  if (head === "RTDETRDecoder" || /\brt-?detr/i.test(description)) {
    throw reader.unexpected("head", "a YOLO: Ultralytics' RT-DETR is not read, transformers' is", head || description);
  }
}

/** What the model does: the member `task`. */
export function readUltralyticsTask(reader: Pick<ConfigReader, "text" | "unexpected">): UltralyticsTask {
  const name = reader.text("task", "");
  const task = TASKS.find((candidate) => candidate === name);
  if (task === undefined) throw reader.unexpected("task", `one of ${TASKS.join(", ")}`, name);
  return task;
}

/** Whether the export suppressed its boxes itself: the members `end2end` and `args.nms`, as Ultralytics' own backend reads them. */
export function readUltralyticsDetector(reader: Pick<ConfigReader, "take">, masks: boolean): DetectorSpecification {
  const exported = reader.take("args");
  const nms = typeof exported === "object" && exported !== null && "nms" in exported && exported.nms === true;
  const isEnd = nms || reader.take("end2end") === true;
  if (masks) return { head: isEnd ? "end_to_end" : "yolov8", masks };
  return { head: isEnd ? "end_to_end" : "ultralytics" };
}

function classifierSteps(size: Size): StepInput[] {
  const [height, width] = size;
  const to = height === width ? ({ fit: "shorter_side", side: height } as const) : ({ fit: "stretch", size } as const);
  return [
    { step: "resize", to, with: { backend: "pillow", resample: "bilinear" } },
    { step: "crop", size, margin: "half_even" },
  ];
}

function readSize(reader: ConfigReader): Size {
  const got = reader.take("imgsz");
  const [height, width = height] = (Array.isArray(got) ? got : [got]) as unknown[];
  if (typeof height !== "number" || typeof width !== "number") {
    throw reader.unexpected("imgsz", "a side, or height and width", got);
  }
  return [height, width];
}

function readChannels(reader: ConfigReader): number {
  const channels = reader.number("channels", 3);
  if (channels !== 3 && channels !== 1) throw reader.unexpected("channels", "3 or 1", channels);
  return channels;
}
