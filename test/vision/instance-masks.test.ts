import { createTensor, type Tensor } from "kserve-transformer";

import { createDetector, encodeMask, type InstanceMask, type RunLengths, yoloMasks } from "kserve-transformer/vision";
import sharp from "sharp";
import { ImageGeometry } from "../../src/image/pipeline/geometry.ts";
import { InferResponse, responseContentOf } from "../../src/inference/infer-response.ts";
import { uniform } from "./computed.ts";

const { floor } = Math;

/** What pycocotools' decode does. */
function insideOf({ size: [height, width], counts }: RunLengths): number[] {
  const columns = counts.flatMap((count, index) => Array<number>(count).fill(index % 2));
  expect(columns).toHaveLength(width * height);
  return Array.from({ length: width * height }, (_, i) => columns[(i % width) * height + floor(i / width)] as number);
}

function pixelsOf({ width, height, left, top, right, bottom, inside }: InstanceMask): number[] {
  return Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, floor(i / width)];
    const isWithin = x >= left && x < right && y >= top && y < bottom;
    return isWithin ? (inside[(y - top) * (right - left) + x - left] as number) : 0;
  });
}

const RECTANGLES = [
  [0, 0, 7, 5],
  [2, 0, 4, 5],
  [1, 2, 6, 3],
  [3, 1, 7, 5],
  [6, 4, 7, 5],
] as const;

test.each(RECTANGLES)("a mask within %d, %d, %d, %d is the same pixels in both forms", async (...corners) => {
  const [left, top, right, bottom] = corners;
  for (const share of [0, 0.4, 0.7, 1]) {
    const inside = Uint8Array.from(uniform(left + 9, (right - left) * (bottom - top)), (value) =>
      value < share ? 1 : 0,
    );
    const mask = { width: 7, height: 5, left, top, right, bottom, inside };
    const lengths = (await encodeMask(mask, "rle")) as RunLengths;
    expect(insideOf(lengths)).toEqual(pixelsOf(mask));
    expect(lengths.counts.slice(1)).not.toContain(0);
    const png = sharp(Buffer.from((await encodeMask(mask, "png")) as string, "base64"));
    const pixels = await png.extractChannel(0).raw().toBuffer();
    expect(Array.from(pixels, (value) => value / 255)).toEqual(pixelsOf(mask));
  }
});

const floats = (name: string, shape: readonly number[], values?: readonly number[]): Tensor => {
  const count = shape.reduce((product, side) => product * side, 1);
  return createTensor(name, "FP32", shape, values ? Float32Array.from(values) : new Float32Array(count).fill(1));
};

/** One class and one prototype; a box of 8 × 8 in the middle of 16 × 16. */
const BOX = floats("output0", [1, 6, 1], [8, 8, 8, 8, 0.9, 1]);
const PLANE = floats("output1", [1, 1, 4, 4]);

function detect(outputs: readonly Tensor[], geometry: ImageGeometry, options?: { readonly signal?: AbortSignal }) {
  const response = new InferResponse({ modelName: "m", content: responseContentOf({ outputs }) });
  return createDetector({ head: "yolov8", masks: true }, { labels: ["cat"] }).detect(response, [geometry], options);
}

const SQUARE = new ImageGeometry(16, 16);

test("a box has its mask beside it, whichever output comes first", async () => {
  const counts = [4 * 16 + 4, ...Array.from({ length: 15 }, () => 8), 4 * 16 + 4];
  const cat = {
    label: "cat",
    score: 0.9,
    box: { xmin: 4, ymin: 4, xmax: 12, ymax: 12 },
    mask: { size: [16, 16], counts },
  };
  expect(await detect([BOX, PLANE], SQUARE)).toEqual([[cat]]);
  expect(await detect([PLANE, BOX], SQUARE)).toEqual([[cat]]);
});

test("a box without a pixel inside is dropped, as Ultralytics drops it", async () => {
  expect(await detect([BOX, floats("output1", [1, 1, 4, 4], Array(16).fill(-1))], SQUARE)).toEqual([[]]);
  expect(await detect([floats("output0", [1, 6, 1], [-20, 8, 8, 8, 0.9, 1]), PLANE], SQUARE)).toEqual([[]]);
});

test.each<[string, readonly Tensor[], string]>([
  [
    "boxes alone",
    [BOX],
    "expected an output [pictures, 4 + classes + prototypes, boxes] and one [pictures, prototypes, height, width], got 'output0' [1,6,1]",
  ],
  [
    "prototypes of another number of pictures",
    [BOX, floats("output1", [2, 1, 4, 4])],
    "output 'output1' is of 2 pictures, and 'output0' of 1",
  ],
  [
    "more prototypes than coefficients",
    [BOX, floats("output1", [1, 2, 4, 4])],
    "output 'output0': expected numbers of shape [pictures, 4 + 1 classes + 2, boxes]",
  ],
  [
    "a prototype that is no number",
    [BOX, floats("output1", [1, 1, 1, 2], [0, Number.NaN])],
    "output 'output1': expected finite numbers, got NaN at 1",
  ],
  [
    "a coefficient without end",
    [floats("output0", [1, 6, 1], [8, 8, 8, 8, 0.9, Infinity]), PLANE],
    "output 'output0': expected finite numbers, got Infinity for box 0",
  ],
  [
    "prototypes without pixels",
    [BOX, floats("output1", [1, 1, 0, 4])],
    "output 'output1': expected numbers of shape [pictures, prototypes, height, width], got FP32 of shape [1,1,0,4]",
  ],
])("%s are a 502 that says what came", async (_, outputs, message) => {
  await expect(detect(outputs, SQUARE)).rejects.toMatchObject({
    code: "bad_gateway",
    message: expect.stringContaining(message),
  });
});

test("coefficients for other prototypes are refused in a hook too", async () => {
  const found = {
    boxes: Float32Array.of(0, 0, 1, 1),
    unit: "tensor",
    scores: Float32Array.of(1),
    classes: Int32Array.of(0),
    places: Uint32Array.of(0),
  } as const;
  const planes = { count: 2, width: 1, height: 1, values: Float32Array.of(1, 1) };
  await expect(yoloMasks(found, planes, SQUARE).next()).rejects.toThrow(
    "expected 2 numbers after the classes of each box, one a prototype, got 0",
  );
});

/** So many boxes of an end-to-end model, each as large as the picture. */
const crowd = (count: number): Tensor => {
  const box = [0, 0, 4000, 4000, 0.9, 0, 1];
  return floats("output0", [1, count, 7], Array.from({ length: count }, () => box).flat());
};

test("masks of too many pixels are refused before one is made", async () => {
  const response = (count: number) =>
    new InferResponse({
      modelName: "m",
      content: responseContentOf({ outputs: [crowd(count), floats("output1", [1, 1, 4, 4])] }),
    });
  const detector = createDetector({ head: "end_to_end", masks: true });
  const started = performance.now();
  await expect(detector.detect(response(300), [new ImageGeometry(4000, 4000)])).rejects.toMatchObject({
    code: "payload_too_large",
    message:
      "masks of 4800000000 pixels, at most 4294967296 in one response: 300 things were found on 1 pictures; send smaller or fewer pictures",
  });
  expect(performance.now() - started).toBeLessThan(10_000);
});

test("other requests are let in, and a client that leaves ends the work", async () => {
  const controller = new AbortController();
  let turns = 0;
  const turn = (): void => {
    if (++turns === 3) controller.abort(new Error("the client left"));
    else setImmediate(turn);
  };
  setImmediate(turn);
  const detector = createDetector({ head: "end_to_end", masks: true });
  const outputs = [crowd(200), floats("output1", [1, 1, 160, 160])];
  const response = new InferResponse({ modelName: "m", content: responseContentOf({ outputs }) });
  const work = detector.detect(response, [new ImageGeometry(4000, 4000)], { signal: controller.signal });
  await expect(work).rejects.toThrow("the client left");
});
