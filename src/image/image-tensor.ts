import { extname } from "node:path";
import { InferenceError } from "../errors.ts";
import { LookupTensor } from "../tensor/lookup-tensor.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Image, PillowVersion, Pixels, RenderSpec, Resample } from "./image.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import { createImagePipeline } from "./pipeline/create-image-pipeline.ts";
import type { ResampleSpecification, StepInput } from "./pipeline/specification.ts";
import { renderImage } from "./render-pixels.ts";
import type { RenderTask } from "./render-task.ts";
import { resolveScaling, type Scaling, type ScalingFormula, scalingTables } from "./scaling.ts";

export interface ImageTensorOptions {
  /** Height and width of the tensor, in this order. */
  readonly size: readonly [height: number, width: number];
  readonly scaling: Scaling;
  /** @default "NHWC" */
  readonly layout?: "NHWC" | "NCHW";
  /** The library whose pixels are wanted. @default "pillow" */
  readonly backend?: ResampleSpecification["backend"];
  /** The backend's kernel of this name. @default "nearest", as keras-image-helper resizes */
  readonly resample?: ResampleSpecification["resample"];
  /** Of tensorflow and torch. @default false for tensorflow, true for torch, as there */
  readonly antialias?: boolean;
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
  const { backend = "pillow", resample = "nearest", pillow = 13, shorterSide, mode = "exact" } = options;
  if (backend !== "pillow") return runPipeline(name, images, options, formula);
  const { channels = "RGB" } = formula;
  const spec: RenderSpec = {
    width,
    height,
    resample: resample as Resample,
    pillow,
    shorterSide,
    mode,
    layout,
    channels,
  };
  const bytes = new Uint8Array(images.length * height * width * 3);
  await mapConcurrently(images, DECODED_AT_A_TIME, async (image, index) => {
    bytes.set(await render(image, spec), index * height * width * 3);
  });
  const shape = layout === "NHWC" ? [images.length, height, width, 3] : [images.length, 3, height, width];
  return new LookupTensor(name, shape, bytes, scalingTables(formula), { run: layout === "NHWC" ? 1 : height * width });
}

/** The same as a pipeline; the libraries other than Pillow resize there. */
async function runPipeline(
  name: string,
  images: readonly (Image | Pixels)[],
  { size, layout = "NHWC", backend = "pillow", resample = "nearest", antialias, shorterSide }: ImageTensorOptions,
  { divisor = 1, mean = [0, 0, 0], std = [1, 1, 1], channels = "RGB" }: ScalingFormula,
): Promise<Tensor<"FP32">> {
  const steps: StepInput[] = [
    {
      step: "resize",
      to: shorterSide === undefined ? { fit: "stretch", size } : { fit: "shorter_side", side: shorterSide },
      // The pipeline checks which kernels and options the backend has.
      with: { backend, resample, ...(antialias === undefined ? {} : { antialias }) } as ResampleSpecification,
    },
    ...(shorterSide === undefined ? [] : [{ step: "crop", size, margin: "half_even" } as const]),
    ...(channels === "BGR" ? [{ step: "flip_channels" } as const] : []),
    { step: "rescale", divisor },
    { step: "normalize", mean, std },
  ];
  const { tensor } = await createImagePipeline({ steps, output: { layout } }, "imageTensor").run(name, images);
  return tensor as Tensor<"FP32">;
}

/** The file has the extension that this one has. */
const RENDER_TASK = new URL(`./render-task${extname(import.meta.url)}`, import.meta.url);

/** In a thread where there are some, else here. */
async function render(image: Image | Pixels, spec: RenderSpec): Promise<Uint8Array> {
  if ("data" in image) return renderImage(image, spec);
  if (image.inThread !== undefined) {
    return image.inThread({
      module: RENDER_TASK,
      input: { spec } satisfies Omit<RenderTask, "encoded">,
    }) as Promise<Uint8Array>;
  }
  const work = (): Promise<Uint8Array> => renderImage(image, spec);
  // Decoding is done by several threads and resizing by one: without a bound pixels of all requests would wait for it.
  return image.slots === undefined || spec.mode === "fast" ? work() : image.slots.run(work);
}

const PILLOW_KERNELS: readonly string[] = ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"];

function assertOptions(options: ImageTensorOptions): void {
  const { size, shorterSide, backend = "pillow", resample = "nearest", mode, antialias, pillow } = options;
  if (backend === "pillow") {
    const kernels = PILLOW_KERNELS.filter((name) => mode !== "fast" || (name !== "box" && name !== "hamming"));
    if (!kernels.includes(resample)) {
      const mine = mode === "fast" ? "mode fast" : "backend pillow";
      throw new InferenceError(
        `imageTensor: expected resample of ${mine} to be one of ${kernels.join(", ")}, got ${resample}`,
      );
    }
    if (antialias !== undefined) throw new InferenceError("imageTensor: antialias is not for backend pillow");
  } else if (mode === "fast" || pillow !== undefined) {
    const option = mode === "fast" ? "mode fast" : "pillow";
    throw new InferenceError(`imageTensor: ${option} is for backend pillow, not for ${backend}`);
  }
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
