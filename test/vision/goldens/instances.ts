import { createHash } from "node:crypto";
import { createTensor, type Tensor } from "kserve-transformer";
import { createImagePipeline, type ImageGeometry } from "kserve-transformer/image";
import {
  decodeBoxMasks,
  decodeEndToEnd,
  decodePrototypes,
  decodeYolo,
  type FoundBoxes,
  type InstanceMask,
  pastedMasks,
  yoloMasks,
} from "kserve-transformer/vision";
import { readFixture, uniform } from "../computed.ts";
import { type Golden, Tally } from "./golden.ts";

/** Made by test/servers/parity/instance_cases.py. */
interface YoloCase {
  readonly seed: number;
  readonly size: readonly [height: number, width: number];
  readonly boxes: number;
  readonly end_to_end: boolean;
  readonly pictures: readonly {
    readonly picture: readonly [height: number, width: number];
    readonly found: number;
    readonly kept: number;
    readonly pixels: number;
    readonly masks: string;
  }[];
}

interface RcnnCase {
  readonly seed: number;
  readonly side: number;
  readonly picture: readonly [height: number, width: number];
  readonly count: number;
  readonly kept: number;
  readonly pixels: number;
  readonly masks: string;
}

const { ultralytics, torchvision, yolo, mask_rcnn } = readFixture<{
  ultralytics: string;
  torchvision: string;
  yolo: YoloCase[];
  mask_rcnn: RcnnCase[];
}>("instances.json");
const { fround, floor } = Math;
const CLASSES = 3;
const PROTOTYPES = 32;
const MEMBERS = 4 + CLASSES + PROTOTYPES;

/** [pictures, boxes, 4 + classes + prototypes]: centres on the tensor, sides up to half of it, most scores small. */
function yoloRows({ seed, size: [height, width], boxes, pictures }: YoloCase): Float32Array {
  return uniform(seed, pictures.length * boxes * MEMBERS).map((value, i) => {
    const member = i % MEMBERS;
    if (member < 2) return value * (member === 0 ? width : height);
    if (member < 4) return fround(value * ((member === 2 ? width : height) / 2)) + 2;
    return member < 4 + CLASSES ? value * value : fround(value * 2) - 1;
  });
}

function foundOf(given: YoloCase): Promise<FoundBoxes[]> {
  const { boxes, pictures, end_to_end } = given;
  const rows = yoloRows(given);
  if (end_to_end) {
    // As exported with nms: one score and its class.
    const width = 6 + PROTOTYPES;
    const values = Float32Array.from({ length: pictures.length * boxes * width }, (_, i) => {
      const [row, member] = [floor(i / width) * MEMBERS, i % width];
      if (member === 5) return floor(fround((rows[row + 5] as number) * CLASSES));
      if (member === 2 || member === 3) return (rows[row + member] as number) + (rows[row + member - 2] as number);
      return rows[row + (member < 5 ? member : member + 1)] as number;
    });
    const output = createTensor("output0", "FP32", [pictures.length, boxes, width], values);
    return decodeEndToEnd(output, { extras: PROTOTYPES });
  }
  const each = boxes * MEMBERS;
  const turned = rows.map((_, i) => {
    const [picture, member, box] = [floor(i / each), floor((i % each) / boxes), i % boxes];
    return rows[picture * each + box * MEMBERS + member] as number;
  });
  const output = createTensor("output0", "FP32", [pictures.length, MEMBERS, boxes], turned);
  return decodeYolo(output, { head: "yolov8", extras: PROTOTYPES });
}

function prototypesOf({ seed, size, pictures }: YoloCase): Tensor {
  const shape = [pictures.length, PROTOTYPES, size[0] / 4, size[1] / 4];
  const values = uniform(
    seed + 4000,
    shape.reduce((product, side) => product * side, 1),
  );
  return createTensor(
    "output1",
    "FP32",
    shape,
    values.map((value) => fround(value * 2) - 1),
  );
}

async function geometryOf(size: readonly [number, number], [height, width]: readonly [number, number]) {
  const pipeline = createImagePipeline({ steps: [{ step: "letterbox", size }] });
  const { geometry } = await pipeline.run("x", [{ width, height, data: new Uint8Array(width * height * 3) }]);
  return geometry[0] as ImageGeometry;
}

/** One byte a pixel of the picture. */
function pixelsOf({ width, height, left, top, right, inside }: InstanceMask): Uint8Array {
  const pixels = new Uint8Array(width * height);
  for (const [i, own] of inside.entries()) {
    const columns = right - left;
    pixels[(top + floor(i / columns)) * width + left + (i % columns)] = own;
  }
  return pixels;
}

async function summaryOf(masks: AsyncIterable<InstanceMask | undefined>) {
  const hash = createHash("sha256");
  let [kept, pixels] = [0, 0];
  for await (const mask of masks) {
    if (mask === undefined) continue;
    kept++;
    hash.update(pixelsOf(mask));
    pixels += mask.inside.reduce((sum, inside) => sum + inside, 0);
  }
  return { kept, pixels, masks: hash.digest("hex").slice(0, 16) };
}

/** Masks of YOLO, pixel by pixel, on the pictures of one size of the tensor. */
export const yoloInstances = yolo.map((given) => async (): Promise<Golden[]> => {
  const tally = new Tally();
  const found = await foundOf(given);
  const planes = await decodePrototypes(prototypesOf(given));
  for (const [index, expected] of given.pictures.entries()) {
    const geometry = await geometryOf(given.size, expected.picture);
    const [own, prototypes] = [found[index], planes[index]];
    if (own === undefined || prototypes === undefined) throw new Error("a picture is missing");
    const { found: count, kept, pixels, masks } = expected;
    const got = { count: own.scores.length, ...(await summaryOf(yoloMasks(own, prototypes, geometry))) };
    tally.equal(`seed ${given.seed}, picture ${index}`, got, { count, kept, pixels, masks }, kept);
  }
  return [tally.finish(`Ultralytics ${ultralytics}`, "YOLOv8 to v11 masks, `process_mask_native`", "masks")];
});

/** Masks within their boxes, laid on 6 pictures. */
export async function rcnnInstances(): Promise<Golden[]> {
  const tally = new Tally();
  for (const { seed, side, picture, count, ...expected } of mask_rcnn) {
    const [height, width] = picture;
    const boxes = new Float32Array(count * 4);
    const u = uniform(seed + 8000, count * 4);
    for (let at = 0; at < boxes.length; at += 4) {
      const [x = 0, y = 0, wide = 0, high = 0] = u.subarray(at, at + 4);
      const left = fround(x * fround(width * 0.9));
      const top = fround(y * fround(height * 0.9));
      boxes.set([left, top, left + fround(wide * fround(width - left)), top + fround(high * fround(height - top))], at);
    }
    const found: FoundBoxes = {
      ...{ boxes, scores: new Float32Array(count), classes: new Int32Array(count) },
      places: Uint32Array.from({ length: count }, (_, i) => i),
      unit: "tensor",
    };
    const output = createTensor("masks", "FP32", [count, 1, side, side], uniform(seed + 9000, count * side * side));
    const masks = await decodeBoxMasks(output, 1, count);
    const got = await summaryOf(pastedMasks(found, masks, 0, await geometryOf([height, width], picture)));
    const { kept, pixels, masks: digest } = expected;
    tally.equal(`seed ${seed}`, got, { kept, pixels, masks: digest }, kept);
  }
  return [tally.finish(`torchvision ${torchvision}`, "Mask R-CNN, `paste_masks_in_image`", "masks")];
}
