import { InferenceError } from "../errors.ts";
import { LookupTensor } from "../tensor/lookup-tensor.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { FastResize, Image, Pixels, Resample } from "./image.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import { fastResize } from "./open-image.ts";
import { type PillowVersion, resizePixels } from "./resample/resize-pixels.ts";
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
  const bytes = new Uint8Array(images.length * height * width * 3);
  const place = layout === "NHWC" ? placeInterleaved : placePlanes;
  await mapConcurrently(images, DECODED_AT_A_TIME, async (image, index) => {
    const { data } = await resize(image, options);
    place(data, bytes, index * height * width * 3, formula.channels === "BGR");
  });
  const shape = layout === "NHWC" ? [images.length, height, width, 3] : [images.length, 3, height, width];
  return new LookupTensor(name, shape, bytes, scalingTables(formula), { run: layout === "NHWC" ? 1 : height * width });
}

async function resize(image: Image | Pixels, options: ImageTensorOptions): Promise<Pixels> {
  const { size, resample = "nearest", shorterSide, mode = "exact" } = options;
  const [height, width] = size;
  const target = shorterSide === undefined ? { width, height } : shorterSideSize(image, shorterSide);
  const resized =
    mode === "fast" ? await resizeFast(image, { ...target, resample }) : await resizeExact(image, target, options);
  return shorterSide === undefined ? resized : cropCentre(resized, width, height);
}

function resizeFast(image: Image | Pixels, target: FastResize): Promise<Pixels> {
  return "data" in image ? fastResize(image, target) : image.decode(target);
}

async function resizeExact(
  image: Image | Pixels,
  { width, height }: { readonly width: number; readonly height: number },
  { resample = "nearest", pillow }: ImageTensorOptions,
): Promise<Pixels> {
  if ("data" in image) return resizePixels(image, width, height, resample, pillow);
  const work = async (): Promise<Pixels> => resizePixels(await image.decode(), width, height, resample, pillow);
  // Decoding is done by several threads and resizing by one: without a bound pixels of all requests would wait for it.
  return image.slots === undefined ? work() : image.slots.run(work);
}

/** torchvision's Resize(shorterSide): the longer side is truncated to whole pixels. */
function shorterSideSize(
  { width, height }: { width: number; height: number },
  side: number,
): { width: number; height: number } {
  return width <= height
    ? { width: side, height: Math.trunc((side * height) / width) }
    : { width: Math.trunc((side * width) / height), height: side };
}

/** torchvision's CenterCrop: an odd margin is halved to the even number, as Python rounds. */
function cropCentre(pixels: Pixels, width: number, height: number): Pixels {
  const left = halfToEven(pixels.width - width);
  const top = halfToEven(pixels.height - height);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * pixels.width + left) * 3;
    data.set(pixels.data.subarray(from, from + width * 3), y * width * 3);
  }
  return { width, height, data };
}

function halfToEven(margin: number): number {
  const half = Math.floor(margin / 2);
  return margin % 2 === 1 && half % 2 === 1 ? half + 1 : half;
}

function placeInterleaved(rgb: Uint8Array, bytes: Uint8Array, start: number, reversed: boolean): void {
  bytes.set(rgb, start);
  if (!reversed) return;
  for (let i = start; i < start + rgb.length; i += 3) {
    bytes[i] = rgb[i - start + 2] as number;
    bytes[i + 2] = rgb[i - start] as number;
  }
}

function placePlanes(rgb: Uint8Array, bytes: Uint8Array, start: number, reversed: boolean): void {
  const plane = rgb.length / 3;
  for (let channel = 0; channel < 3; channel++) {
    const to = start + (reversed ? 2 - channel : channel) * plane;
    for (let i = 0; i < plane; i++) bytes[to + i] = rgb[i * 3 + channel] as number;
  }
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
