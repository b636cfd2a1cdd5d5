import { InferenceError } from "../../errors.ts";
import type { ImageGeometry } from "../../image/pipeline/geometry.ts";
import { type Instance, toDetections } from "../boxes/detections.ts";
import type { MaskedBoxes } from "../heads/masked.ts";
import { encodeMask, type MaskForm } from "./instance-mask.ts";

/** Pixels of all masks of a response together: 300 masks on each of two pictures of 7 megapixels. */
const MOST_PIXELS = 2 ** 32;

/**
 * What was found on each picture, with its masks at the picture's size; what has no pixel is left out.
 * @throws InferenceError payload_too_large for masks of too many pixels, before one is made.
 */
export async function toInstances(
  { found, masks }: MaskedBoxes,
  geometry: readonly ImageGeometry[],
  labels: readonly string[],
  form: MaskForm,
): Promise<Instance[][]> {
  assertPixels(
    found.map(({ scores }) => scores.length),
    geometry,
  );
  const pictures: Instance[][] = [];
  for (const [picture, boxes] of found.entries()) {
    const own = geometry[picture] as ImageGeometry;
    const detections = toDetections(boxes, own, labels);
    const instances: Instance[] = [];
    let index = 0;
    for await (const mask of masks(picture, own)) {
      const detection = detections[index++];
      if (detection === undefined || mask === undefined) continue;
      instances.push({ ...detection, mask: await encodeMask(mask, form) });
    }
    pictures.push(instances);
  }
  return pictures;
}

function assertPixels(counts: readonly number[], geometry: readonly ImageGeometry[]): void {
  const pixels = counts.reduce((sum, count, picture) => {
    const { width = 0, height = 0 } = geometry[picture] ?? {};
    return sum + count * width * height;
  }, 0);
  if (pixels <= MOST_PIXELS) return;
  const total = counts.reduce((sum, count) => sum + count, 0);
  throw new InferenceError(
    `masks of ${pixels} pixels, at most ${MOST_PIXELS} in one response: ${total} things were found on ${counts.length} pictures; send smaller or fewer pictures`,
    { code: "payload_too_large" },
  );
}
