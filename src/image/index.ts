export {
  type PerspectiveMatrix,
  type Point,
  perspectiveTransformOpencv,
  type Quadrilateral,
} from "./backend/opencv/perspective.ts";
export { type OpencvResample, resizeOpencv } from "./backend/opencv/resize.ts";
export { warpPerspectiveOpencv } from "./backend/opencv/warp-perspective.ts";
export type { Raster } from "./backend/raster.ts";
export { resizeTensorflow, type TensorflowResample } from "./backend/tensorflow/resize.ts";
export { resizeTorch, type TorchResample } from "./backend/torch/resize.ts";
// Models' folders.
export type { DetectorSpecification } from "./folder/detector-specification.ts";
export type { ImageModel, ImageModelKind, ImageTask, ScoreActivation } from "./folder/image-model.ts";
export { loadImageModel } from "./folder/load-image-model.ts";
export type { FastResize, Image, ImageFormat, PillowVersion, PixelBox, Pixels, Resample } from "./image.ts";
export { type ImageSource, imageInstance } from "./image-source.ts";
export { type ImageTensorOptions, imageTensor } from "./image-tensor.ts";
export {
  type LoadImageContext,
  type LoadImageOptions,
  type LoadImagesOptions,
  loadImage,
  loadImages,
} from "./load-images.ts";
// Pipelines as data.
export { createImagePipeline, type ImagePipeline, type PreparedImages } from "./pipeline/create-image-pipeline.ts";
export type { Box, ImageGeometry } from "./pipeline/geometry.ts";
export { parseImagePipeline } from "./pipeline/parse-pipeline.ts";
export type { ImagePipelineInput, ImagePipelineSpecification, ImageStep } from "./pipeline/specification.ts";
export { type HuggingFaceOptions, readHuggingFaceProcessor } from "./read/hugging-face.ts";
export { readKerasPreprocessing } from "./read/keras.ts";
export { type KerasMode, kerasMode } from "./read/keras-applications.ts";
export { readTimmConfig } from "./read/timm.ts";
export { readTorchvisionTransforms } from "./read/torchvision.ts";
export { readUltralyticsMetadata } from "./read/ultralytics.ts";
export { resizeReduced } from "./resample/reduce-pixels.ts";
export { resizePixels } from "./resample/resize-pixels.ts";
export type { Scaling, ScalingFormula, ScalingPreset } from "./scaling.ts";
