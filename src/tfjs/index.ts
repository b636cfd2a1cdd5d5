export { type TfImageTensorOptions, tfImageTensor } from "./tf-image-tensor.ts";
export type { TfModel, TfModule, TfTensor } from "./tf-module.ts";
export { fromTfTensor, toTfTensor } from "./tf-tensor.ts";
export { createTfjsPredictor, type TfjsPredictorOptions } from "./tfjs-predictor.ts";
export { type Keep, withTensors } from "./with-tensors.ts";
