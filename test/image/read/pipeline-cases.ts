import { createImagePipeline } from "../../../src/image/pipeline/create-image-pipeline.ts";
import { parseImagePipeline } from "../../../src/image/pipeline/parse-pipeline.ts";
import type { ImagePipelineSpecification } from "../../../src/image/pipeline/specification.ts";
import { readKerasPreprocessing } from "../../../src/image/read/keras.ts";
import { readTimmConfig } from "../../../src/image/read/timm.ts";
import { readTorchvisionTransforms } from "../../../src/image/read/torchvision.ts";
import { readUltralyticsMetadata } from "../../../src/image/read/ultralytics.ts";
import { sourceOf } from "../backend/resize-cases.ts";

/** Made by test/servers/parity/pipeline_cases.py. */
export interface PipelineCases {
  readonly library: string;
  readonly cases: readonly PipelineCase[];
}

export interface PipelineCase {
  readonly name: string;
  readonly configuration: unknown;
  /** None where the configuration is one to refuse. */
  readonly pictures: readonly PreparedPicture[];
}

interface PreparedPicture {
  readonly size: readonly [width: number, height: number];
  readonly seed: number;
  readonly shape: readonly number[];
  /** Where its values begin in values.bin. */
  readonly offset: number;
  /** The first 16 digits. */
  readonly sha256: string;
}

export const READERS: Readonly<Record<string, (configuration: unknown) => ImagePipelineSpecification>> = {
  torchvision: readTorchvisionTransforms,
  timm: readTimmConfig,
  keras: readKerasPreprocessing,
  ultralytics: readUltralyticsMetadata,
  albumentations: parseImagePipeline,
  paddle: parseImagePipeline,
};

/** The float32 values that this package makes of a picture of hashed pixels. */
export async function preparePicture(
  specification: ImagePipelineSpecification,
  { size: [width, height], seed }: PreparedPicture,
): Promise<{ readonly shape: readonly number[]; readonly values: Float32Array }> {
  const picture = sourceOf({ from: [width, height, 3], seed, to: [1, 1], method: "", offset: 0, sha256: "" });
  const { tensor } = await createImagePipeline(specification).run("x", [picture]);
  return { shape: tensor.shape, values: Float32Array.from(tensor.data) };
}
