import type { PixelBox, Pixels } from "../image.ts";
import { computeTaps, type Filter, type Taps } from "./filter-taps.ts";

/** What one call of Pillow's resize does with a kernel of two passes. */
export interface ResizePlan {
  readonly width: number;
  readonly height: number;
  readonly filter: Filter;
  /** The part that is stretched. @default the whole picture */
  readonly box?: PixelBox;
  readonly verticalFirst: boolean;
}

/** The taps of both passes; an axis that keeps its samples has none. */
export function planTaps(
  pixels: Pixels,
  { width, height, filter, box: [left, top, right, bottom] = [0, 0, pixels.width, pixels.height] }: ResizePlan,
): { readonly horizontal: Taps | undefined; readonly vertical: Taps | undefined } {
  const taps = (size: number, target: number, from: number, to: number): Taps | undefined =>
    size === target && from === 0 && to === size ? undefined : computeTaps(size, target, filter, from, to);
  return {
    horizontal: taps(pixels.width, width, left, right),
    vertical: taps(pixels.height, height, top, bottom),
  };
}
