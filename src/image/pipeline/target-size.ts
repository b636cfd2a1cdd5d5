import { invalidArgument } from "../../errors.ts";
import type { PixelBox } from "../image.ts";
import { roundHalfToEven } from "../round-half-to-even.ts";
import type { Size, TargetSize } from "./specification.ts";

const { abs, ceil, floor, max, min, trunc } = Math;

interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** The size that a picture is resized to; no side is less than one pixel. */
export function targetSize(from: PixelSize, to: TargetSize): PixelSize {
  const { width, height } = findTarget(from, to);
  return { width: max(1, width), height: max(1, height) };
}

function findTarget({ width, height }: PixelSize, to: TargetSize): PixelSize {
  switch (to.fit) {
    case "stretch":
      return { width: to.size[1], height: to.size[0] };
    case "shorter_side":
      return shorterSide(width, height, to.side, to.longest);
    case "longer_side": {
      const whole = to.rounding === "truncate" ? trunc : roundHalfToEven;
      const scale = to.side / max(width, height);
      return width >= height
        ? { width: to.side, height: whole(height * scale) }
        : { width: whole(width * scale), height: to.side };
    }
    case "edges":
      return to.multiple === undefined
        ? edges(width, height, to.shortest, to.longest)
        : edgesOfMultiple(width, height, to.shortest, to.longest, to.multiple);
    case "within": {
      if (to.rounding === "half_even") return divided(width, height, max(height / to.size[0], width / to.size[1]));
      const scale = min(to.size[0] / height, to.size[1] / width);
      return { width: trunc(width * scale), height: trunc(height * scale) };
    }
    case "multiples":
      return toMultiples(width, height, to.size, to.multiple, to.proportions);
    case "cover":
      return divided(width, height, min(height / to.size[0], width / to.size[1]));
    case "crop_percentage": {
      const [high, wide] = [floor(to.size[0] / to.share), floor(to.size[1] / to.share)];
      return high === wide
        ? shorterSide(width, height, high, undefined)
        : divided(width, height, min(height / high, width / wide));
    }
    case "middle":
      return { width: to.size[1], height: to.size[0] };
    case "thumbnail":
      return thumbnail(width, height, to.size[1], to.size[0]);
  }
}

function shorterSide(width: number, height: number, side: number, longest: number | undefined): PixelSize {
  const [short, long] = width <= height ? [width, height] : [height, width];
  let newShort = side;
  let newLong = trunc((side * long) / short);
  if (longest !== undefined && newLong > longest) {
    newShort = trunc((longest * newShort) / newLong);
    newLong = longest;
  }
  return width <= height ? { width: newShort, height: newLong } : { width: newLong, height: newShort };
}

function edges(width: number, height: number, shortest: number, longest: number): PixelSize {
  const { exact, side } = shorterEdge(width, height, shortest, longest);
  if ((height <= width && height === side) || (width <= height && width === side)) return { width, height };
  return proportional(width, height, exact, side);
}

/**
 * YOLOS: a picture that is high keeps no size of its own, and what is over is cut off.
 * @throws InferenceError invalid_argument where nothing is left.
 */
function edgesOfMultiple(
  width: number,
  height: number,
  shortest: number,
  longest: number,
  multiple: number,
): PixelSize {
  const { exact, side } = shorterEdge(width, height, shortest, longest);
  const isKept = height <= width && height === side;
  const to = isKept ? { width, height } : proportional(width, height, exact, side);
  const size = { width: to.width - (to.width % multiple), height: to.height - (to.height % multiple) };
  assertNotEmpty({ width, height }, size, multiple);
  return size;
}

/** @throws InferenceError invalid_argument where a side is rounded to nothing. */
function toMultiples(width: number, height: number, to: Size, multiple: number, proportions: boolean): PixelSize {
  const [down, across] = [to[0] / height, to[1] / width];
  const least = abs(1 - across) < abs(1 - down) ? across : down;
  const round = (side: number): number => roundHalfToEven(side / multiple) * multiple;
  const size = proportions
    ? { width: round(least * width), height: round(least * height) }
    : { width: round(across * width), height: round(down * height) };
  assertNotEmpty({ width, height }, size, multiple);
  return size;
}

function assertNotEmpty(from: PixelSize, size: PixelSize, multiple: number): void {
  if (size.width > 0 && size.height > 0) return;
  throw invalidArgument(
    `a picture of ${from.width} × ${from.height} pixels becomes ${size.width} × ${size.height} in whole multiples of ${multiple}`,
  );
}

function shorterEdge(
  width: number,
  height: number,
  shortest: number,
  longest: number,
): { readonly exact: number; readonly side: number } {
  const [short, long] = [min(width, height), max(width, height)];
  const exact = (long / short) * shortest > longest ? (longest * short) / long : shortest;
  return { exact, side: roundHalfToEven(exact) };
}

function proportional(width: number, height: number, exact: number, side: number): PixelSize {
  return width < height
    ? { width: side, height: trunc((exact * height) / width) }
    : { width: trunc((exact * width) / height), height: side };
}

/** As timm divides: by the ratio of the old size to the new one. */
function divided(width: number, height: number, ratio: number): PixelSize {
  return { width: roundHalfToEven(width / ratio), height: roundHalfToEven(height / ratio) };
}

/** Of the two whole numbers beside it, the side that keeps the proportions better. */
function thumbnail(width: number, height: number, toWidth: number, toHeight: number): PixelSize {
  if (toWidth >= width && toHeight >= height) return { width, height };
  const aspect = width / height;
  const better = (exact: number, error: (side: number) => number): number =>
    max(1, error(ceil(exact)) < error(floor(exact)) ? ceil(exact) : floor(exact));
  return toWidth / toHeight >= aspect
    ? { width: better(toHeight * aspect, (side) => abs(aspect - side / toHeight)), height: toHeight }
    : {
        width: toWidth,
        height: better(toWidth / aspect, (side) => (side === 0 ? 0 : abs(aspect - toWidth / side))),
      };
}

/** The part of a picture that has the proportions of `size`, in the middle of it. */
export function middlePart({ width, height }: PixelSize, [toHeight, toWidth]: Size): PixelBox {
  const high = max(1, min(height, floor((width * toHeight) / toWidth)));
  const wide = max(1, min(width, floor((height * toWidth) / toHeight)));
  const [left, top] = [floor((width - wide) / 2), floor((height - high) / 2)];
  return [left, top, left + wide, top + high];
}
