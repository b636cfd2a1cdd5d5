import type { Metadata, Sharp, SharpOptions } from "sharp";
import type { InferenceError } from "../errors.ts";
import { isTurnedByContainer } from "./decode/avif-turn.ts";
import { readJpegSize } from "./decode/jpeg-header.ts";
import { ownDecoder } from "./decode/own-decoders.ts";
import { brokenData, unsupportedKind } from "./decode/refusal.ts";
import { readTiffHeader, withSoundOrientation } from "./decode/tiff-header.ts";
import { turnPixels } from "./decode/turn-pixels.ts";
import { xmpOrientation } from "./decode/xmp-orientation.ts";
import type { FastResize, ImageFormat, Pixels } from "./image.ts";

const KERNELS = { nearest: "nearest", bilinear: "linear", bicubic: "cubic", lanczos: "lanczos3" } as const;

/** An image whose header was found acceptable, as plain data: it can go to another thread. */
export interface EncodedImage {
  readonly bytes: Uint8Array;
  readonly format: ImageFormat;
  /** Pixels across, after the orientation where that is applied. */
  readonly width: number;
  readonly height: number;
  readonly autoOrient: boolean;
  /** 2 to 8: turned after decoding, since libvips does not look into XMP. */
  readonly orientation: number;
  readonly samples: SampleLayout;
}

/** How the decoded samples become RGB. */
type SampleLayout = "rgb" | "cmyk" | "grey16" | "grey16-inverted" | "grey16-alpha";

/**
 * Reads the header of a `file` that begins like `format`.
 * @throws InferenceError unsupported_media_type, or invalid_argument for a broken header.
 */
export async function readHeader(file: Uint8Array, format: ImageFormat, turn: boolean): Promise<EncodedImage> {
  const own = ownDecoder(format);
  if (own !== undefined) {
    const { width, height } = own.readSize(file);
    return { bytes: file, format, width, height, autoOrient: false, orientation: 1, samples: "rgb" };
  }
  // A second look by libvips costs as much as a tenth of the decode.
  const plain = format === "jpeg" && !turn ? readJpegSize(file) : undefined;
  if (plain !== undefined) return { bytes: file, format, ...plain, autoOrient: false, orientation: 1, samples: "rgb" };
  const tiff = format === "tiff" ? readTiffHeader(file) : undefined;
  const bytes = tiff === undefined ? file : withSoundOrientation(file, tiff);
  // Pillow turns a TIFF when it loads it, and no other format.
  const autoOrient = turn || tiff !== undefined;
  const sharp = await loadSharp();
  const metadata = await sharp(bytes, settingsOf(autoOrient))
    .metadata()
    .catch((error: unknown) => {
      throw unreadable(format, bytes, error);
    });
  const isTurned = metadata.orientation !== undefined || (format === "avif" && isTurnedByContainer(file));
  const orientation = turn && !isTurned ? xmpOrientation(metadata.xmp) : 1;
  const turned = orientation < 5 ? metadata.autoOrient : { width: metadata.height, height: metadata.width };
  const { width, height } = autoOrient ? turned : metadata;
  // libvips makes alpha of a transparent grey; PNG's colour type tells it from a channel of its own.
  const hasAlpha = metadata.hasAlpha && !(format === "png" && file[25] === 0);
  const samples = sampleLayout({ ...metadata, hasAlpha }, format);
  const inverted = samples === "grey16" && tiff?.whiteIsZero === true;
  return { bytes, format, width, height, autoOrient, orientation, samples: inverted ? "grey16-inverted" : samples };
}

/** @throws InferenceError invalid_argument when the data behind the header is broken. */
export async function decodeImage(image: EncodedImage, resize?: FastResize): Promise<Pixels> {
  const own = ownDecoder(image.format);
  if (own !== undefined) {
    const pixels = own.decode(image.bytes);
    return resize === undefined ? pixels : fastResize(pixels, resize);
  }
  if (image.orientation > 1) {
    const pixels = turnPixels(await decodeImage({ ...image, orientation: 1 }), image.orientation);
    return resize === undefined ? pixels : fastResize(pixels, resize);
  }
  const sharp = await loadSharp();
  const pipeline = applyResize(sharp(image.bytes, settingsOf(image.autoOrient)), resize);
  return READERS[image.samples](pipeline).catch((error: unknown) => {
    throw unreadable(image.format, image.bytes, error);
  });
}

/** What libvips does not read is broken, or a sequence of pictures in AVIF without one that stands by itself. */
function unreadable(format: ImageFormat, bytes: Uint8Array, cause: unknown): InferenceError {
  const isSequence = format === "avif" && Buffer.from(bytes.subarray(8, 12)).toString("latin1") === "avis";
  return isSequence
    ? unsupportedKind("avif with a sequence of pictures: expected one picture")
    : brokenData(format, cause);
}

/** Pixels at another size by libvips: close to Pillow's, not equal. */
export async function fastResize(pixels: Pixels, resize: FastResize): Promise<Pixels> {
  const { width, height, data } = pixels;
  const sharp = await loadSharp();
  return readRgb(applyResize(sharp(data, { raw: { width, height, channels: 3 } }), resize));
}

/** Pillow's convert("RGB"): the first frame, no colour profile. Broken data is refused, not filled with grey. */
function settingsOf(autoOrient: boolean): SharpOptions {
  return { limitInputPixels: false, failOn: "error", ignoreIcc: true, pages: 1, autoOrient };
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

function sampleLayout({ space, depth, hasAlpha, format: vipsFormat }: Metadata, format: ImageFormat): SampleLayout {
  const expected = format === "avif" ? "heif" : format;
  if (vipsFormat !== expected) throw unsupportedKind(`the file begins like ${format} but is not`);
  if (depth !== "uchar" && depth !== "ushort")
    throw unsupportedKind(`${format} with samples of type ${depth}: expected 8 or 16 bits`);
  if (space === "cmyk" && depth === "uchar") return "cmyk";
  if (space === "grey16") return hasAlpha ? "grey16-alpha" : "grey16";
  if (space === "srgb" || space === "b-w" || space === "rgb16") return "rgb";
  throw unsupportedKind(`${format} with the colours ${space}: expected RGB, grey, palette or CMYK`);
}

const READERS: Readonly<Record<SampleLayout, (pipeline: Sharp) => Promise<Pixels>>> = {
  rgb: readRgb,
  cmyk: readCmyk,
  grey16: (pipeline) => readGrey16(pipeline, (grey) => Math.min(grey, 255)),
  "grey16-inverted": (pipeline) => readGrey16(pipeline, (grey) => Math.min(65535 - grey, 255)),
  "grey16-alpha": (pipeline) => readGrey16(pipeline, (grey) => grey >> 8),
};

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

/**
 * As Pillow converts 16-bit grey (mode I;16): values above 255 are clipped, not scaled, and a TIFF whose white is zero, which
 * libvips inverts, keeps its values. With alpha Pillow keeps the upper byte (LA;16B).
 */
async function readGrey16(pipeline: Sharp, toByte: (grey: number) => number): Promise<Pixels> {
  const { data, info } = await pipeline
    .removeAlpha()
    .toColourspace("grey16")
    .raw({ depth: "ushort" })
    .toBuffer({ resolveWithObject: true });
  const grey = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  const rgb = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) rgb.fill(toByte(grey[i] as number), i * 3, i * 3 + 3);
  return { width: info.width, height: info.height, data: rgb };
}
