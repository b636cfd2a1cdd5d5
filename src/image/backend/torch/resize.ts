import { InferenceError } from "../../../errors.ts";
import type { Raster } from "../raster.ts";
import { CUBIC, LANCZOS, LINEAR, SHARP_CUBIC, type TorchKernel } from "./kernel.ts";
import { resizeBytes } from "./resize-bytes.ts";
import { computeNarrowTaps, computeWideTaps, type Taps } from "./taps.ts";

/** Interpolations of torchvision's `resize`, by their names there. */
export type TorchResample = "nearest" | "nearest-exact" | "bilinear" | "bicubic" | "lanczos";

/**
 * `torchvision.transforms.v2.functional.resize(tensor, [height, width], method, antialias=…)` of a tensor of bytes on the CPU:
 * weights of 16 bits, each pass rounded to bytes. torchvision antialiases by default; nearest never is.
 * @throws InferenceError for Lanczos without antialiasing, as torchvision refuses it.
 */
export function resizeTorch(
  raster: Raster<Uint8Array>,
  width: number,
  height: number,
  method: TorchResample,
  antialias = true,
): Raster<Uint8Array> {
  if (method === "nearest" || method === "nearest-exact") return resizeNearest(raster, width, height, method);
  if (method === "lanczos" && !antialias) throw new InferenceError("torch: lanczos needs antialias");
  const kernel = kernelOf(method, antialias);
  const compute = antialias ? computeWideTaps : computeNarrowTaps;
  const tapsOf = (size: number, target: number): Taps | undefined =>
    size === target ? undefined : compute(size, target, kernel);
  return resizeBytes(raster, tapsOf(raster.width, width), tapsOf(raster.height, height));
}

function kernelOf(method: "bilinear" | "bicubic" | "lanczos", antialias: boolean): TorchKernel {
  if (method === "bilinear") return LINEAR;
  if (method === "lanczos") return LANCZOS;
  return antialias ? CUBIC : SHARP_CUBIC;
}

function resizeNearest(
  { width, height, channels, data }: Raster<Uint8Array>,
  toWidth: number,
  toHeight: number,
  method: "nearest" | "nearest-exact",
): Raster<Uint8Array> {
  const columns = nearestSamples(width, toWidth, method);
  const rows = nearestSamples(height, toHeight, method);
  const target = new Uint8Array(toWidth * toHeight * channels);
  let to = 0;
  for (const row of rows) {
    for (const column of columns) {
      const from = (row * width + column) * channels;
      for (let channel = 0; channel < channels; channel++) target[to++] = data[from + channel] as number;
    }
  }
  return { width: toWidth, height: toHeight, channels, data: target };
}

/** `nearest` takes the sample at the edge of the target's, `nearest-exact` the one at its centre. */
function nearestSamples(size: number, target: number, method: "nearest" | "nearest-exact"): Int32Array {
  const { floor, fround, min } = Math;
  const scale = fround(size / target);
  const offset = method === "nearest" ? 0 : 0.5;
  return Int32Array.from({ length: target }, (_, i) => min(size - 1, floor(fround((i + offset) * scale))));
}
