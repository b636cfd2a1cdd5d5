import { InferenceError } from "../errors.ts";
import type { Threads } from "../inference/threads.ts";
import { countJpegScans } from "./decode/jpeg-scans.ts";
import { decodeAsTensorflow } from "./decode-as-tensorflow.ts";
import { decodeImage, readHeader } from "./encoded-image.ts";
import type { FastResize, Image, ImageTask } from "./image.ts";
import { describeUnknownBytes, sniffImageFormat } from "./image-format.ts";

export interface OpenImageOptions {
  /** Largest width × height; checked in the header, before anything is decoded. @default 50000000 */
  readonly maxPixels?: number;
  /** Turns the image as its EXIF orientation says; Pillow does not unless asked, except for TIFF. @default false */
  readonly autoOrient?: boolean;
}

/** The part of a request's context that an image keeps. */
export type ImageContext = Pick<Image, "slots"> & {
  readonly threads?: Threads;
  readonly signal?: AbortSignal;
};

const DEFAULT_MAX_PIXELS = 50_000_000;
/** Of a picture of maxPixels; a smaller one may have more. Encoders write up to 18 (a progressive CMYK by libjpeg). */
const MAX_SCANS = 20;

/**
 * Reads the header of an encoded image and checks format, size and pixel layout; decodes nothing yet.
 * @throws InferenceError unsupported_media_type, payload_too_large (pixels), invalid_argument for a broken header.
 */
export async function openImage(
  bytes: Uint8Array,
  options: OpenImageOptions = {},
  context: ImageContext = {},
): Promise<Image> {
  const { maxPixels = DEFAULT_MAX_PIXELS, autoOrient = false } = options;
  const format = sniffImageFormat(bytes);
  if (format === undefined) {
    throw new InferenceError(
      `expected a JPEG, PNG, GIF, WebP, AVIF, TIFF, BMP, PNM or TGA image, got ${describeUnknownBytes(bytes)}`,
      { code: "unsupported_media_type" },
    );
  }
  const encoded = await readHeader(bytes, format, autoOrient);
  const { width, height } = encoded;
  if (width * height > maxPixels) {
    throw new InferenceError(`image of ${width} × ${height} pixels: larger than the limit of ${maxPixels} pixels`, {
      code: "payload_too_large",
    });
  }
  if (format === "jpeg") assertFewScans(bytes, width * height, maxPixels);
  const { slots, threads, signal } = context;
  const image: Image = {
    format,
    width,
    height,
    decode: (resize?: FastResize) => decodeImage(encoded, resize),
    decodeAsTensorflow: (mode: "RGB" | "L") => decodeAsTensorflow(encoded, mode),
  };
  if (threads === undefined || threads.size === 0) return slots === undefined ? image : { ...image, slots };
  const inThread = ({ module, input }: ImageTask): Promise<unknown> =>
    threads.run(module, { encoded, ...input }, { finishes: true, ...(signal === undefined ? {} : { signal }) });
  return slots === undefined ? { ...image, inThread } : { ...image, slots, inThread };
}

/** Time to decode is pixels × scans: a limit on pixels bounds it only together with one on scans. */
function assertFewScans(bytes: Uint8Array, pixels: number, maxPixels: number): void {
  const scans = countJpegScans(bytes);
  const limit = Math.floor((MAX_SCANS * maxPixels) / pixels);
  if (scans > limit) {
    throw new InferenceError(`JPEG of ${scans} scans: more than the limit of ${limit} for ${pixels} pixels`, {
      code: "payload_too_large",
    });
  }
}
