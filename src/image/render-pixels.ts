import { fastResize } from "./encoded-image.ts";
import type { FastResize, Image, Pixels, RenderSpec } from "./image.ts";
import { resizePixels } from "./resample/resize-pixels.ts";

/** The bytes of one image: width × height × 3 of them, in the layout and channel order of `spec`. */
export async function renderImage(
  image: Pick<Image, "width" | "height" | "decode"> | Pixels,
  spec: RenderSpec,
): Promise<Uint8Array> {
  const { shorterSide, resample, mode, pillow } = spec;
  const target = shorterSide === undefined ? spec : shorterSideSize(image, shorterSide);
  const { width, height } = target;
  const resized =
    mode === "fast"
      ? await resizeFast(image, { width, height, resample: resample as FastResize["resample"] })
      : resizePixels("data" in image ? image : await image.decode(), width, height, resample, pillow);
  const cut = shorterSide === undefined ? resized : cropCentre(resized, spec.width, spec.height);
  return arrange(cut.data, spec);
}

function resizeFast(image: Pick<Image, "decode"> | Pixels, target: FastResize): Promise<Pixels> {
  return "data" in image ? fastResize(image, target) : image.decode(target);
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

function arrange(rgb: Uint8Array, { layout, channels }: RenderSpec): Uint8Array {
  if (layout === "NCHW") return toPlanes(rgb, channels === "BGR");
  return channels === "BGR" ? toReversed(rgb) : rgb;
}

function toReversed(rgb: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i += 3) {
    bytes[i] = rgb[i + 2] as number;
    bytes[i + 1] = rgb[i + 1] as number;
    bytes[i + 2] = rgb[i] as number;
  }
  return bytes;
}

function toPlanes(rgb: Uint8Array, reversed: boolean): Uint8Array {
  const bytes = new Uint8Array(rgb.length);
  const plane = rgb.length / 3;
  for (let channel = 0; channel < 3; channel++) {
    const to = (reversed ? 2 - channel : channel) * plane;
    for (let i = 0; i < plane; i++) bytes[to + i] = rgb[i * 3 + channel] as number;
  }
  return bytes;
}
