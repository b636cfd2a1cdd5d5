import { InferenceError } from "../../errors.ts";
import type { ImageGeometry } from "../../image/pipeline/geometry.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { FoundBoxes } from "../boxes/found-boxes.ts";
import { Pace } from "../pace.ts";
import { finiteFloats, unexpectedOutput } from "../tensor-floats.ts";
import type { InstanceMask } from "./instance-mask.ts";
import { linearTaps } from "./linear-taps.ts";
import { type Rectangle, type Region, stretchRegion } from "./region.ts";

/** Shares of each box of each picture, box by box, row by row: within the box, or of the whole picture. */
export interface BoxMasks {
  readonly width: number;
  readonly height: number;
  readonly name: string;
  /** One a picture. */
  readonly pictures: readonly Float32Array[];
}

/** Of a box' sides: a mask is stretched over the whole of it. */
const MOST = 1_000_000;

const { fround, max, min, trunc } = Math;

/** What is more than half inside is inside, as torchvision's examples have it. */
const INSIDE = 0.5;

/**
 * The output `masks` of Mask R-CNN: [boxes, 1, height, width], of several pictures [pictures, boxes, 1, height, width].
 * @param boxes So many the output is of.
 * @throws InferenceError bad_gateway when the output has another shape, or numbers that are not finite.
 */
export async function decodeBoxMasks(
  output: Tensor,
  pictures: number,
  boxes: number,
  options: { readonly signal?: AbortSignal } = {},
): Promise<BoxMasks> {
  const shape = output.shape.length === 4 ? [1, ...output.shape] : output.shape;
  const [own, count, one, height = 0, width = 0] = shape;
  if (shape.length !== 5 || own !== pictures || count !== boxes || one !== 1 || (boxes > 0 && height * width < 1)) {
    const each = `${pictures === 1 ? "" : `${pictures}, `}${boxes}, 1, height, width`;
    throw unexpectedOutput(output, `numbers of shape [${each}], a mask for each box`);
  }
  const values = await finiteFloats(output, new Pace(options.signal));
  const size = boxes * height * width;
  const cut = Array.from({ length: pictures }, (_, picture) => values.subarray(picture * size, (picture + 1) * size));
  return { width, height, name: output.name, pictures: cut };
}

/**
 * torchvision's `paste_masks_in_image` of one picture, box by box, and what is above 0.5 of it. Masks of the picture's size were pasted
 * by the model. Rests between slices of 8 ms.
 * @returns One a box; undefined where no pixel is inside.
 * @throws InferenceError bad_gateway for masks that are neither square nor of the picture's size.
 */
export async function* pastedMasks(
  found: FoundBoxes,
  masks: BoxMasks,
  picture: number,
  geometry: ImageGeometry,
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<InstanceMask | undefined> {
  const { width, height } = masks;
  const isPasted = width === geometry.width && height === geometry.height;
  if (!isPasted && (width !== height || found.boxes.some((side) => Math.abs(side) > MOST))) {
    const got = `masks of ${width} × ${height} for boxes up to ${found.boxes.reduce((most, side) => max(most, Math.abs(side)), 0)}`;
    throw new InferenceError(
      `output '${masks.name}': expected square masks, or those of the picture, ${geometry.width} × ${geometry.height}, and boxes up to ${MOST}; got ${got}`,
      { code: "bad_gateway" },
    );
  }
  const pace = new Pace(options.signal);
  for (const [index, place] of found.places.entries()) {
    const values = (masks.pictures[picture] as Float32Array).subarray(
      place * width * height,
      (place + 1) * width * height,
    );
    if (isPasted) yield ofPicture(values, geometry);
    else yield await paste(values, width, found.boxes.subarray(index * 4, index * 4 + 4), geometry, pace);
    if (pace.isDue) await pace.rest();
  }
}

function ofPicture(values: Float32Array, { width, height }: ImageGeometry): InstanceMask | undefined {
  if (!values.some((value) => value > INSIDE)) return undefined;
  const inside = Uint8Array.from(values, (value) => (value > INSIDE ? 1 : 0));
  return { width, height, left: 0, top: 0, right: width, bottom: height, inside };
}

async function paste(
  values: Float32Array,
  side: number,
  box: Float32Array,
  { width, height }: ImageGeometry,
  pace: Pace,
): Promise<InstanceMask | undefined> {
  const whole = expand(box, (side + 2) / side);
  const [across, down] = [max(whole.right - whole.left + 1, 1), max(whole.bottom - whole.top + 1, 1)];
  const target = {
    left: max(whole.left, 0),
    top: max(whole.top, 0),
    right: min(whole.right + 1, width),
    bottom: min(whole.bottom + 1, height),
  };
  if (target.right <= target.left || target.bottom <= target.top) return undefined;
  const onMask = {
    left: target.left - whole.left,
    top: target.top - whole.top,
    right: target.right - whole.left,
    bottom: target.bottom - whole.top,
  };
  const taps = [linearTaps(side + 2, across), linearTaps(side + 2, down)] as const;
  const inside = new Uint8Array((target.right - target.left) * (target.bottom - target.top));
  let to = 0;
  await stretchRegion(padded(values, side), ...taps, onMask, pace, (row) => {
    for (const value of row) inside[to++] = value > INSIDE ? 1 : 0;
  });
  return inside.includes(1) ? { width, height, ...target, inside } : undefined;
}

/** The box with the border that the mask gets, in whole pixels, with torchvision's float32 arithmetic. */
function expand(box: Float32Array, scale: number): Rectangle {
  const [left = 0, top = 0, right = 0, bottom = 0] = box;
  const half = (from: number, to: number): number => fround(fround(fround(to - from) * 0.5) * fround(scale));
  const middle = (from: number, to: number): number => fround(fround(to + from) * 0.5);
  const [x, y, halfWidth, halfHeight] = [
    middle(left, right),
    middle(top, bottom),
    half(left, right),
    half(top, bottom),
  ];
  return {
    left: trunc(fround(x - halfWidth)),
    top: trunc(fround(y - halfHeight)),
    right: trunc(fround(x + halfWidth)),
    bottom: trunc(fround(y + halfHeight)),
  };
}

/** The mask with a border of zeros, one wide. */
function padded(values: Float32Array, side: number): Region {
  const wide = side + 2;
  const region = new Float32Array(wide * wide);
  for (let y = 0; y < side; y++) region.set(values.subarray(y * side, (y + 1) * side), (y + 1) * wide + 1);
  return { left: 0, top: 0, right: wide, bottom: wide, values: region };
}
