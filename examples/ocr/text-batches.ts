import { createTensor, type Tensor } from "kserve-transformer";
import { type Raster, resizeOpencv } from "kserve-transformer/image";
import { toPlanes } from "./to-planes.ts";

const { ceil, fround, max, min, trunc } = Math;

const HEIGHT = 48;
const BATCH_SIZE = 6;

/** Each operation in float32. */
const SCALED = Float32Array.from({ length: 256 }, (_, value) => fround(fround(fround(value / 255) - 0.5) / 0.5));

/** Crops that a model gets together. */
export interface TextBatch {
  /** FP32 [crops, 3, 48, width], BGR. */
  readonly tensor: Tensor;
  /** Place of each among all crops. */
  readonly places: readonly number[];
}

/** Six crops at a time, the narrowest first, so that little is filled up; as wide as the widest within the limits, in pixels. */
export function textBatches(
  name: string,
  crops: readonly Raster<Uint8Array>[],
  least: number,
  most = Number.POSITIVE_INFINITY,
): TextBatch[] {
  const ratios = crops.map(({ width, height }) => width / height);
  const order = [...crops.keys()].sort((one, other) => (ratios[one] as number) - (ratios[other] as number));
  const batches: TextBatch[] = [];
  for (let first = 0; first < order.length; first += BATCH_SIZE) {
    const places = order.slice(first, first + BATCH_SIZE);
    const widest = max(least / HEIGHT, ...places.map((place) => ratios[place] as number));
    const width = min(most, trunc(HEIGHT * widest));
    const planes = new Float32Array(places.length * 3 * HEIGHT * width);
    for (const [row, place] of places.entries()) {
      const crop = crops[place] as Raster<Uint8Array>;
      const resized = resizeOpencv(crop, min(width, ceil(HEIGHT * (ratios[place] as number))), HEIGHT, "linear");
      planes.set(toPlanes(resized, width, SCALED), row * 3 * HEIGHT * width);
    }
    batches.push({ tensor: createTensor(name, "FP32", [places.length, 3, HEIGHT, width], planes), places });
  }
  return batches;
}
