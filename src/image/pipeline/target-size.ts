import { roundHalfToEven } from "../round-half-to-even.ts";
import type { TargetSize } from "./specification.ts";

const { max, min, trunc } = Math;

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
      return edges(width, height, to.shortest, to.longest);
    case "within": {
      const scale = min(to.size[0] / height, to.size[1] / width);
      return { width: trunc(width * scale), height: trunc(height * scale) };
    }
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
  const [short, long] = [min(width, height), max(width, height)];
  const exact = (long / short) * shortest > longest ? (longest * short) / long : shortest;
  const side = roundHalfToEven(exact);
  if ((height <= width && height === side) || (width <= height && width === side)) return { width, height };
  return width < height
    ? { width: side, height: trunc((exact * height) / width) }
    : { width: trunc((exact * width) / height), height: side };
}
