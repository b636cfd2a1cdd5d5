import type { ImagePipelineSpecification } from "../pipeline/specification.ts";
import type { DetectorSpecification } from "./detector-specification.ts";

/** Whose folder it is, by the file that says how pictures are prepared. */
export type ImageModelKind = "hugging-face" | "timm" | "torchvision" | "keras" | "ultralytics" | "pipeline";

export type ImageTask = "classification" | "detection" | "segmentation" | "other";

/** What makes scores of a classifier's outputs; `none` where the model has done it. */
export type ScoreActivation = "softmax" | "sigmoid" | "none";

/** What stands in a picture model's folder beside the weights. */
export interface ImageModel {
  readonly kind: ImageModelKind;
  /** The file that said how pictures are prepared. */
  readonly file: string;
  readonly pipeline: ImagePipelineSpecification;
  readonly task: ImageTask;
  /** The model's own word for what it does: an architecture of transformers, a task of Ultralytics. */
  readonly head: string | undefined;
  /** In the order of the model's outputs; empty where no file names them. */
  readonly labels: readonly string[];
  readonly activation: ScoreActivation;
  /** Of a detector whose outputs are known: what `createDetector` of kserve-transformer/vision takes. */
  readonly detector?: DetectorSpecification | undefined;
  /** Of a model whose output `logits` gives each pixel a class: what `createSegmenter` decodes. */
  readonly segmenter?: "semantic" | undefined;
}
