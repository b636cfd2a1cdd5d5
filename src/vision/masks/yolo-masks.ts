import { InferenceError } from "../../errors.ts";
import type { ImageGeometry } from "../../image/pipeline/geometry.ts";
import { roundHalfToEven } from "../../image/round-half-to-even.ts";
import type { FoundBoxes } from "../boxes/found-boxes.ts";
import { Pace } from "../pace.ts";
import type { InstanceMask } from "./instance-mask.ts";
import { linearTaps } from "./linear-taps.ts";
import { enlargePrototypes, type Prototypes } from "./prototypes.ts";
import { type Rectangle, sourceOf, stretchRegion } from "./region.ts";

const { ceil, fround, max, min } = Math;

/**
 * Ultralytics' `process_mask_native`, box by box: the masks on the picture that was letterboxed. Rests between slices of 8 ms.
 * @param found With as many `extras` a box as there are prototypes.
 * @returns One a box; undefined where no pixel is inside: `predict` drops such a box.
 * @throws InferenceError bad_gateway for another number of extras.
 */
export async function* yoloMasks(
  found: FoundBoxes,
  prototypes: Prototypes,
  geometry: ImageGeometry,
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<InstanceMask | undefined> {
  const { boxes, scores, extras = new Float32Array() } = found;
  const { count } = prototypes;
  if (extras.length !== scores.length * count) {
    const message = `expected ${count} numbers after the classes of each box, one a prototype, got ${extras.length / scores.length}`;
    throw new InferenceError(message, { code: "bad_gateway" });
  }
  const pace = new Pace(options.signal);
  for (let index = 0; index < scores.length; index++) {
    const target = pixelsOf(boxes.subarray(index * 4, index * 4 + 4), geometry);
    const coefficients = extras.subarray(index * count, (index + 1) * count);
    const isSomewhere = target.right > target.left && target.bottom > target.top;
    yield isSomewhere ? await drawMask(prototypes, coefficients, target, geometry, pace) : undefined;
    if (pace.isDue) await pace.rest();
  }
}

/** The pixels that a box on the tensor holds on the picture, with Ultralytics' float32 arithmetic. */
function pixelsOf(box: Float32Array, geometry: ImageGeometry): Rectangle {
  const { width, height, scaleX, scaleY, offsetX, offsetY } = geometry;
  const place = (value: number, offset: number, scale: number, most: number): number =>
    ceil(min(most, max(0, fround(fround(value - offset) / fround(scale)))));
  return {
    left: place(box[0] as number, offsetX, scaleX, width),
    top: place(box[1] as number, offsetY, scaleY, height),
    right: place(box[2] as number, offsetX, scaleX, width),
    bottom: place(box[3] as number, offsetY, scaleY, height),
  };
}

async function drawMask(
  prototypes: Prototypes,
  coefficients: Float32Array,
  target: Rectangle,
  { width, height }: ImageGeometry,
  pace: Pace,
): Promise<InstanceMask | undefined> {
  const factor = enlargement(prototypes, width, height);
  const plane = { width: prototypes.width * factor, height: prototypes.height * factor };
  const inner = pictureOn(plane, width, height);
  const toPicture = [
    linearTaps(inner.right - inner.left, width),
    linearTaps(inner.bottom - inner.top, height),
  ] as const;
  const needed = moved(sourceOf(target, ...toPicture), inner.left, inner.top);
  const enlarged = await enlargePrototypes(prototypes, coefficients, factor, needed, pace);
  const inside = new Uint8Array((target.right - target.left) * (target.bottom - target.top));
  let isEmpty = true;
  let to = 0;
  await stretchRegion(
    { ...moved(enlarged, -inner.left, -inner.top), values: enlarged.values },
    ...toPicture,
    target,
    pace,
    (row) => {
      for (const value of row) {
        if (value > 0) {
          inside[to] = 1;
          isEmpty = false;
        }
        to++;
      }
    },
  );
  return isEmpty ? undefined : { width, height, ...target, inside };
}

/** So much larger the prototypes are made first that the letterbox' border falls between two pixels: 1, 2 or 4 times. */
function enlargement(prototypes: Prototypes, width: number, height: number): 1 | 2 | 4 {
  const [across, down] = [4 * prototypes.width, 4 * prototypes.height];
  const gain = min(down / height, across / width);
  const border = (side: number, own: number): number => side - max(roundHalfToEven(own * gain), 1);
  const gap = border(down, height) | border(across, width);
  const odd = gap | (gap >> 1);
  if (odd % 2 !== 0) return 4;
  return odd % 4 !== 0 ? 2 : 1;
}

/** Where the picture lies on a plane of the letterbox' proportions. */
function pictureOn(
  plane: { readonly width: number; readonly height: number },
  width: number,
  height: number,
): Rectangle {
  if (plane.width === width && plane.height === height) return { left: 0, top: 0, right: width, bottom: height };
  const gain = min(plane.height / height, plane.width / width);
  const [across, down] = [max(roundHalfToEven(width * gain), 1), max(roundHalfToEven(height * gain), 1)];
  const left = roundHalfToEven((plane.width - across) / 2 - 0.1);
  const top = roundHalfToEven((plane.height - down) / 2 - 0.1);
  return { left, top, right: left + across, bottom: top + down };
}

const moved = ({ left, top, right, bottom }: Rectangle, byX: number, byY: number): Rectangle => ({
  left: left + byX,
  top: top + byY,
  right: right + byX,
  bottom: bottom + byY,
});
