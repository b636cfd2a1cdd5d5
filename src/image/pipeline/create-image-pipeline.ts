import { extname } from "node:path";
import { InferenceError } from "../../errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Image, Pixels } from "../image.ts";
import { mapConcurrently } from "../map-concurrently.ts";
import { buildTensor, type EmptySize, type ImageTensor, toFloats } from "./build-tensor.ts";
import { fillBatch } from "./fill-batch.ts";
import { ImageGeometry } from "./geometry.ts";
import { parseImagePipeline } from "./parse-pipeline.ts";
import { type PlaceSpec, placePixels } from "./place-pixels.ts";
import type { PlaceTask } from "./place-task.ts";
import type { PlacedRaster } from "./spatial-steps.ts";
import type {
  ImagePipelineInput,
  ImagePipelineSpecification,
  ImageStep,
  SpatialStep,
  ValueStep,
} from "./specification.ts";

/** The pictures of a request, ready for the model. */
export interface PreparedImages {
  /** [N, height, width, channels], or [N, channels, height, width] for NCHW. */
  readonly tensor: ImageTensor;
  /** `pixel_mask`, INT64 [N, height, width]: 1 where a picture is, 0 where `output.batch` filled up. */
  readonly pixelMask?: Tensor<"INT64">;
  /** One a picture: `geometry[0].inverse(boxes)` puts boxes on the tensor back on the picture. */
  readonly geometry: readonly ImageGeometry[];
}

export interface ImagePipeline {
  /** Complete, with every default. */
  readonly specification: ImagePipelineSpecification;
  /** What `loadImages` must be told. */
  readonly loadOptions: { readonly autoOrient: boolean };
  /** @throws InferenceError invalid_argument for broken data, and for pictures of several sizes without `output.batch`. */
  run(name: string, images: readonly (Image | Pixels)[]): Promise<PreparedImages>;
}

/** Decoded images are large: so many of one request are held at a time. */
const DECODED_AT_A_TIME = 4;

/**
 * A pipeline from its JSON form.
 * @param label What it is called in messages.
 * @throws InferenceError invalid_argument that names each member which is unknown or makes no sense.
 */
export function createImagePipeline(input: ImagePipelineInput, label = "pipeline"): ImagePipeline {
  const specification = parseImagePipeline(input, label);
  const { decode, steps, output } = specification;
  const spatial = steps.filter(isSpatial);
  const values = steps.filter((step): step is ValueStep => !isSpatial(step));
  const empty = emptySize(specification);
  return {
    specification,
    loadOptions: { autoOrient: decode.orientation === "exif" },
    run: async (name, images) => {
      const placed = await mapConcurrently(images, DECODED_AT_A_TIME, (image) =>
        placeImage(image, { mode: decode.mode, decoder: decode.decoder, steps: spatial }),
      );
      const rasters = placed.map(({ raster }) => raster);
      const geometry = placed.map((one) => one.geometry);
      if (output.batch === undefined) return { tensor: buildTensor(name, rasters, empty, values, output), geometry };
      const floats =
        values.length === 0 && output.datatype === "UINT8" ? rasters : rasters.map((one) => toFloats(one, values));
      const { rasters: filled, mask } = fillBatch(floats, output.batch);
      return { tensor: buildTensor(name, filled, empty, [], output), pixelMask: mask, geometry };
    },
  };
}

/** In a thread where there are some, else here. */
async function placeImage(image: Image | Pixels, spec: PlaceSpec): Promise<PlacedRaster> {
  if ("data" in image) return placePixels(image, spec);
  if (image.inThread !== undefined) {
    const input = { spec } satisfies Omit<PlaceTask, "encoded">;
    const { raster, geometry } = (await image.inThread({ module: PLACE_TASK, input })) as PlacedRaster;
    // A class does not survive the way between threads.
    return { raster, geometry: ImageGeometry.from(geometry) };
  }
  const work = async (): Promise<PlacedRaster> => placePixels(await decodeHere(image, spec), spec);
  // Decoding is done by several threads and resizing by one: without a bound pixels of all requests would wait for it.
  return image.slots === undefined ? work() : image.slots.run(work);
}

/** @throws InferenceError internal for an image of somebody's own making that cannot be decoded so: other pixels would pass unseen. */
function decodeHere(image: Image, { mode, decoder }: PlaceSpec): Promise<Pixels> {
  if (decoder === "pillow") return image.decode();
  if (image.decodeAsTensorflow !== undefined) return image.decodeAsTensorflow(mode);
  throw new InferenceError("expected an image of loadImages: it cannot be decoded as TensorFlow does", {
    code: "internal",
  });
}

/** The file has the extension that this one has. */
const PLACE_TASK = new URL(`./place-task${extname(import.meta.url)}`, import.meta.url);

function isSpatial(step: ImageStep): step is SpatialStep {
  return step.step !== "rescale" && step.step !== "normalize";
}

/** Of a tensor without pictures: the last size that a step gives. */
function emptySize({ decode, steps }: ImagePipelineSpecification): EmptySize {
  const sizes = steps.map((step) => {
    if (step.step === "crop") return step.size;
    if (step.step === "resize") return step.to.fit === "stretch" || step.to.fit === "middle" ? step.to.size : undefined;
    return step.step === "letterbox" && step.fill ? step.size : undefined;
  });
  const [height, width] = sizes.filter((size) => size !== undefined).at(-1) ?? [0, 0];
  return { width, height, channels: decode.mode === "L" ? 1 : 3 };
}
