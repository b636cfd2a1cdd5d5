import type { Image } from "../image/image.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { TfModule, TfTensor } from "./tf-module.ts";
import { fromTfTensor } from "./tf-tensor.ts";
import { withTensors } from "./with-tensors.ts";

export interface TfImageTensorOptions {
  /** Height and width of the tensor, in this order. */
  readonly size: readonly [height: number, width: number];
  /** As `tf.image` resizes, half-pixel centers, which is what TensorFlow's `tf.image.resize` does. @default "bilinear" */
  readonly resample?: "bilinear" | "nearest";
  /** Pixel → value, by TensorFlow.js operations: `(pixels) => pixels.div(127.5).sub(1)`. @default values 0 to 255 */
  readonly scale?: (pixels: never) => TfTensor;
}

/**
 * Images as one FP32 tensor [N, height, width, 3], resized and scaled by TensorFlow.js instead of sharp and Pillow's kernels:
 * for models that were trained behind `tf.image.resize`.
 */
export function tfImageTensor(
  tf: TfModule,
  name: string,
  images: readonly Image[],
  options: TfImageTensorOptions,
): Promise<Tensor> {
  const [height, width] = options.size;
  return withTensors(async (keep) => {
    const batch = new Float32Array(images.length * height * width * 3);
    for (const [index, image] of images.entries()) {
      const pixels = await image.decode();
      const resized = keep(tf.tidy((() => resize(tf, pixels, options)) as never) as TfTensor);
      batch.set((await resized.data()) as Float32Array, index * height * width * 3);
    }
    return fromTfTensor(name, keep(tf.tensor(batch as never, [images.length, height, width, 3], "float32" as never)));
  });
}

function resize(
  tf: TfModule,
  { data, width, height }: { readonly data: Uint8Array; readonly width: number; readonly height: number },
  { size, resample = "bilinear", scale }: TfImageTensorOptions,
): TfTensor {
  const pixels = tf.tensor(Float32Array.from(data) as never, [1, height, width, 3], "float32" as never) as never;
  const target: [number, number] = [size[0], size[1]];
  const resized =
    resample === "bilinear"
      ? tf.image.resizeBilinear(pixels, target, false, true)
      : tf.image.resizeNearestNeighbor(pixels, target, false, true);
  return scale === undefined ? resized : scale(resized as never);
}
