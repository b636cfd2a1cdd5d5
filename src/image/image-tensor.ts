import { InferenceError } from "../errors.ts";
import { LookupTensor } from "../tensor/lookup-tensor.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Image, PillowVersion, Pixels, RenderSpec, Resample } from "./image.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import { renderImage } from "./render-pixels.ts";
import { resolveScaling, type Scaling, scalingTables } from "./scaling.ts";

export interface ImageTensorOptions {
  /** Height and width of the tensor, in this order. */
  readonly size: readonly [height: number, width: number];
  readonly scaling: Scaling;
  /** @default "NHWC" */
  readonly layout?: "NHWC" | "NCHW";
  /** Pillow's kernel of this name. @default "nearest", as keras-image-helper resizes */
  readonly resample?: Resample;
  /** Version of Pillow to be equal to; 12 stands for every one up to 12.3. Nearest is the same in all. @default 13 */
  readonly pillow?: PillowVersion;
  /** Resizes the shorter side to this many pixels and cuts `size` out of the middle, as torchvision does, instead of stretching. */
  readonly shorterSide?: number;
  /** `exact`: Pillow's pixels. `fast`: libvips resizes while it decodes, close to Pillow's. @default "exact" */
  readonly mode?: "exact" | "fast";
}

/** Decoded images are large: so many of one request are held at a time. */
const DECODED_AT_A_TIME = 4;

/**
 * Images as one FP32 tensor: [N, height, width, 3], or [N, 3, height, width] for NCHW. Scaling follows Keras'
 * `preprocess_input` bit for bit; the tensor keeps bytes and makes floats only where somebody asks for them.
 * @throws InferenceError invalid_argument when an image's data is broken.
 */
export async function imageTensor(
  name: string,
  images: readonly (Image | Pixels)[],
  options: ImageTensorOptions,
): Promise<Tensor<"FP32">> {
  const { size, layout = "NHWC" } = options;
  const [height, width] = size;
  assertOptions(options);
  const formula = resolveScaling(options.scaling);
  const { resample = "nearest", pillow = 13, shorterSide, mode = "exact" } = options;
  const { channels = "RGB" } = formula;
  const spec: RenderSpec = { width, height, resample, pillow, shorterSide, mode, layout, channels };
  const bytes = new Uint8Array(images.length * height * width * 3);
  await mapConcurrently(images, DECODED_AT_A_TIME, async (image, index) => {
    bytes.set(await render(image, spec), index * height * width * 3);
  });
  const shape = layout === "NHWC" ? [images.length, height, width, 3] : [images.length, 3, height, width];
  return new LookupTensor(name, shape, bytes, scalingTables(formula), { run: layout === "NHWC" ? 1 : height * width });
}

/** In a thread where there are some, else here. */
async function render(image: Image | Pixels, spec: RenderSpec): Promise<Uint8Array> {
  if ("data" in image) return renderImage(image, spec);
  if (image.render !== undefined) return image.render(spec);
  const work = (): Promise<Uint8Array> => renderImage(image, spec);
  // Decoding is done by several threads and resizing by one: without a bound pixels of all requests would wait for it.
  return image.slots === undefined || spec.mode === "fast" ? work() : image.slots.run(work);
}

function assertOptions({ size, shorterSide }: ImageTensorOptions): void {
  const whole = (value: number): boolean => Number.isInteger(value) && value > 0;
  if (size.length !== 2 || !size.every(whole)) {
    throw new InferenceError(`imageTensor: expected size as [height, width] in pixels, got [${size.join(", ")}]`);
  }
  if (shorterSide !== undefined && !(whole(shorterSide) && shorterSide >= Math.max(...size))) {
    throw new InferenceError(
      `imageTensor: expected shorterSide to be at least ${Math.max(...size)}, got ${shorterSide}`,
    );
  }
}
