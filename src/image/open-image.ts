import type { Metadata, Sharp, SharpOptions } from "sharp";
import { InferenceError, invalidArgument } from "../errors.ts";
import type { FastResize, Image, ImageFormat, Pixels } from "./image.ts";
import { describeUnknownBytes, sniffImageFormat } from "./image-format.ts";

export interface OpenImageOptions {
  /** Largest width × height; checked in the header, before anything is decoded. @default 50000000 */
  readonly maxPixels?: number;
  /** Turns the image as its EXIF orientation says; Pillow does not unless asked. @default false */
  readonly autoOrient?: boolean;
}

const DEFAULT_MAX_PIXELS = 50_000_000;
const KERNELS = { nearest: "nearest", bilinear: "linear", bicubic: "cubic", lanczos: "lanczos3" } as const;

/**
 * Reads the header of an encoded image and checks format, size and pixel layout; decodes nothing yet.
 * @throws InferenceError unsupported_media_type, payload_too_large (pixels), invalid_argument for a broken header.
 */
export async function openImage(bytes: Uint8Array, options: OpenImageOptions = {}): Promise<Image> {
  const { maxPixels = DEFAULT_MAX_PIXELS, autoOrient = false } = options;
  const format = sniffImageFormat(bytes);
  if (format === undefined) {
    throw unsupported(`expected a JPEG, PNG, GIF, WebP, AVIF or TIFF image, got ${describeUnknownBytes(bytes)}`);
  }
  // Pillow's convert("RGB"): the first frame, no colour profile. Broken data is refused, not filled with grey.
  const settings: SharpOptions = { limitInputPixels: false, failOn: "error", ignoreIcc: true, pages: 1, autoOrient };
  const sharp = await loadSharp();
  const metadata = await sharp(bytes, settings)
    .metadata()
    .catch((error: unknown) => {
      throw broken(format, error);
    });
  const { width, height } = autoOrient ? metadata.autoOrient : metadata;
  if (width * height > maxPixels) {
    throw new InferenceError(`image of ${width} × ${height} pixels: larger than the limit of ${maxPixels} pixels`, {
      code: "payload_too_large",
    });
  }
  const read = readerOf(metadata, format);
  return {
    format,
    width,
    height,
    decode: (resize) =>
      read(applyResize(sharp(bytes, settings), resize)).catch((error: unknown) => {
        throw broken(format, error);
      }),
  };
}

/** Pixels at another size by libvips: close to Pillow's, not equal. */
export async function fastResize(pixels: Pixels, resize: FastResize): Promise<Pixels> {
  const { width, height, data } = pixels;
  const sharp = await loadSharp();
  return readRgb(applyResize(sharp(data, { raw: { width, height, channels: 3 } }), resize));
}

/** At the first picture: a service is ready before it, and one without pictures never pays for it. */
async function loadSharp(): Promise<typeof import("sharp")["default"]> {
  const { default: sharp } = await import("sharp");
  return sharp;
}

function applyResize(pipeline: Sharp, resize: FastResize | undefined): Sharp {
  if (resize === undefined) return pipeline;
  const { width, height, resample } = resize;
  return pipeline.resize({ width, height, fit: "fill", kernel: KERNELS[resample] });
}

type Reader = (pipeline: Sharp) => Promise<Pixels>;

/** How the decoded samples become RGB, by their layout. */
function readerOf({ space, depth, format: vipsFormat }: Metadata, format: ImageFormat): Reader {
  const expected = format === "avif" ? "heif" : format;
  if (vipsFormat !== expected) throw unsupported(`the file begins like ${format} but is not`);
  if (depth !== "uchar" && depth !== "ushort")
    throw unsupported(`${format} with samples of type ${depth}: expected 8 or 16 bits`);
  if (space === "cmyk" && depth === "uchar") return readCmyk;
  if (space === "grey16") return readGrey16;
  if (space === "srgb" || space === "b-w" || space === "rgb16") return readRgb;
  throw unsupported(`${format} with the colours ${space}: expected RGB, grey, palette or CMYK`);
}

/** Alpha is dropped, not blended; 16-bit colours keep their upper byte. */
async function readRgb(pipeline: Sharp): Promise<Pixels> {
  const { data, info } = await pipeline.removeAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

/** As Pillow converts CMYK, channel by channel and without a profile. */
async function readCmyk(pipeline: Sharp): Promise<Pixels> {
  const { data, info } = await pipeline
    .pipelineColourspace("cmyk")
    .toColourspace("cmyk")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const rgb = new Uint8Array(info.width * info.height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    const light = 255 - (data[from + 3] as number);
    for (let channel = 0; channel < 3; channel++) {
      const product = (data[from + channel] as number) * light + 128;
      rgb[to + channel] = Math.max(0, light - (((product >> 8) + product) >> 8));
    }
  }
  return { width: info.width, height: info.height, data: rgb };
}

/** As Pillow converts 16-bit grey (mode I;16): values above 255 are clipped, not scaled. */
async function readGrey16(pipeline: Sharp): Promise<Pixels> {
  const { data, info } = await pipeline
    .removeAlpha()
    .toColourspace("grey16")
    .raw({ depth: "ushort" })
    .toBuffer({ resolveWithObject: true });
  const grey = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  const rgb = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) rgb.fill(Math.min(grey[i] as number, 255), i * 3, i * 3 + 3);
  return { width: info.width, height: info.height, data: rgb };
}

function unsupported(message: string): InferenceError {
  return new InferenceError(message, { code: "unsupported_media_type" });
}

function broken(format: ImageFormat, error: unknown): InferenceError {
  return invalidArgument(`the ${format} data is broken or incomplete`, error);
}
