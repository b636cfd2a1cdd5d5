import { Buffer } from "node:buffer";
import type { ImageFormat } from "../image.ts";
import { readBmpHeader } from "./bmp/bmp-header.ts";
import { readGifHeader } from "./gif/gif-header.ts";
import { readWithin, unsupportedKind } from "./refusal.ts";

/** A file of another format than JPEG, before its pixels are decoded. */
interface OtherFile {
  readonly bytes: Uint8Array;
  readonly format: Exclude<ImageFormat, "jpeg">;
}

/** What TensorFlow makes of a kind: nothing, or pixels of its own. */
type Fault = string | undefined;

const NO_KIND = "TensorFlow's decode_image does not read it";
const OTHER_PIXELS = "TensorFlow's decode_image makes other pixels of it";

/**
 * TensorFlow's decode_image (2.21) and Pillow have the same pixels for most PNG, for GIF whose first frame fills it, for WebP
 * without alpha, and for BMP of 24 and 32 bits.
 * @throws InferenceError unsupported_media_type for what TensorFlow does not read, or reads otherwise.
 */
export function assertTensorflowReads({ bytes, format }: OtherFile, mode: "RGB" | "L"): void {
  const fault = readWithin(format, () => FAULTS[format](bytes, mode === "L"));
  if (fault !== undefined) throw unsupportedKind(`${format}: ${fault}`);
}

const FAULTS: Readonly<Record<Exclude<ImageFormat, "jpeg">, (bytes: Uint8Array, isGrey: boolean) => Fault>> = {
  tiff: () => NO_KIND,
  avif: () => NO_KIND,
  pnm: () => NO_KIND,
  tga: () => NO_KIND,
  png(bytes, isGrey) {
    const [depth, colourType] = [bytes[24], bytes[25]];
    if (depth === 16 && colourType === 0) return `16 bits of grey: ${OTHER_PIXELS}`;
    return isGrey && colourType !== 0 && colourType !== 4 ? `colours read as grey: ${OTHER_PIXELS}` : undefined;
  },
  gif(bytes, isGrey) {
    if (isGrey) return `read as grey: ${NO_KIND}`;
    const { width, height, frame, transparent } = readGifHeader(bytes);
    const fills = frame.width === width && frame.height === height;
    return transparent === undefined && fills
      ? undefined
      : `a transparent colour, or a frame that does not fill it: ${OTHER_PIXELS}`;
  },
  webp(bytes, isGrey) {
    if (isGrey) return `read as grey: ${NO_KIND}`;
    return hasAlphaOrFrames(bytes) ? `alpha or an animation: ${NO_KIND}` : undefined;
  },
  bmp(bytes, isGrey) {
    if (isGrey) return `read as grey: ${NO_KIND}`;
    const { bits } = readBmpHeader(bytes);
    const isOld = bytes[14] === 12;
    return bits < 24 || isOld ? `a palette, 16 bits a pixel, or OS/2's header: ${OTHER_PIXELS}` : undefined;
  },
};

/** Flags of the extended header, or that of a lossless picture. Source: RFC 9649 §2.7, §3.4. */
function hasAlphaOrFrames(bytes: Uint8Array): boolean {
  const kind = Buffer.from(bytes.subarray(12, 16)).toString("latin1");
  if (kind === "VP8X") return ((bytes[20] ?? 0) & 0b10010) !== 0;
  return kind === "VP8L" && ((bytes[24] ?? 0) & 0b10000) !== 0;
}
