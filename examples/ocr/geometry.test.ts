import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createTensor } from "kserve-transformer";
import type { Point, Quadrilateral, Raster } from "kserve-transformer/image";
import { findContours } from "./contours.ts";
import { cropText, turnAround } from "./crop.ts";
import { decodeTexts, decodeTurns } from "./decode.ts";
import { detectorTensor, findTextBoxes } from "./detector.ts";
import { meanInside } from "./mean-inside.ts";
import { minimumAreaRectangle, rectangleCorners } from "./minimum-area-rectangle.ts";
import { preparePage } from "./page.ts";
import { textBatches } from "./text-batches.ts";
import { unclip } from "./unclip.ts";

type Size = readonly [width: number, height: number];

/** Made by test/fixtures/ocr/make_goldens.py. */
const goldens: {
  contours: { rows: string[]; contours: { points: Point[]; sides: Point; corners: Quadrilateral }[] }[];
  unclipped: { box: Quadrilateral; corners: Quadrilateral }[];
  detections: { rows: string[]; picture: Size; thirds: Point[][]; means: number[]; boxes: Quadrilateral[] }[];
  crops: { size: Size; box: Quadrilateral; crop: Size; sha256: string; turned: string }[];
  pages: { size: Size; page: Size; sha256: string; box: Quadrilateral; back: Quadrilateral; tensor: string | null }[];
  batches: { sizes: Size[]; recogniser: string; turner: string }[];
  texts: { scores: number[]; lines: [string, number][] }[];
} = JSON.parse(readFileSync(new URL("../../test/fixtures/ocr/goldens.json", import.meta.url), "utf8"));

function sha256(data: Uint8Array | Float32Array): string {
  return createHash("sha256")
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest("hex");
}

/** The bytes of make_goldens.py's picture. */
function picture([width, height]: Size): Raster<Uint8Array> {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / (3 * width))];
    data[i] = 37 * x + 101 * y + 17 * x * y + 59 * (i % 3);
  }
  return { width, height, channels: 3, data };
}

/** Digits of a ninth each. */
function ninths(rows: readonly string[]): Float32Array {
  return Float32Array.from(rows.join(""), (digit) => Math.fround(Number(digit) / 9));
}

/** Without the sign of zero. */
const unsigned = (points: readonly Point[]) => points.map(([x, y]) => [x + 0, y + 0]);

test("contours and the smallest rectangles around them are OpenCV's to the last bit", () => {
  for (const { rows, contours } of goldens.contours) {
    const data = Uint8Array.from(rows.join(""), Number);
    const found = findContours({ width: rows[0]?.length ?? 0, height: rows.length, data });
    expect(found).toEqual(contours.map(({ points }) => points));
    for (const { points, sides, corners } of contours) {
      const rectangle = minimumAreaRectangle(points);
      expect([rectangle.width, rectangle.height]).toEqual(sides);
      expect(unsigned(rectangleCorners(rectangle))).toEqual(unsigned(corners));
    }
  }
});

test("boxes grow as pyclipper grows them", () => {
  for (const { box, corners } of goldens.unclipped) {
    expect(unsigned(rectangleCorners(minimumAreaRectangle(unclip(box, 1.6))))).toEqual(unsigned(corners));
  }
});

test("a map of scores becomes the original's boxes, in its order", () => {
  for (const { rows, picture: size, thirds, means, boxes } of goldens.detections) {
    const [width, height] = [rows[0]?.length ?? 0, rows.length];
    const data = ninths(rows);
    const map = createTensor("map", "FP32", [1, 1, height, width], data);
    expect(findTextBoxes(map, { ...picture([1, 1]), width: size[0], height: size[1] })).toEqual(boxes);
    for (const [place, polygon] of thirds.entries()) {
      expect(meanInside({ width, height, data }, polygon)).toBeCloseTo(means[place] as number, 12);
    }
  }
});

test("crops have the original's pixels, upright and on their heads", () => {
  for (const { size, box, crop, sha256: expected, turned } of goldens.crops) {
    const { width, height, channels, data } = cropText(picture(size), box);
    expect([[width, height], sha256(data)]).toEqual([crop, expected]);
    expect(sha256(turnAround({ width, height, channels, data }).data)).toBe(turned);
  }
});

test("pages and the detector's tensor are the original's, and boxes go back to the picture", () => {
  for (const { size, page: expected, sha256: pixels, box, back, tensor } of goldens.pages) {
    const page = preparePage(picture(size));
    expect([[page.raster.width, page.raster.height], sha256(page.raster.data)]).toEqual([expected, pixels]);
    expect(page.toPicture(box)).toEqual(back);
    if (tensor !== null) expect(sha256(detectorTensor("x", page.raster).data as Float32Array)).toBe(tensor);
  }
});

test("the tensors of crops are the original's", () => {
  for (const { sizes, recogniser, turner } of goldens.batches) {
    const crops = sizes.map(picture);
    const data = (least: number, most?: number) => {
      const [batch] = textBatches("x", crops, least, most);
      return batch?.tensor.data as Float32Array;
    };
    expect([sha256(data(320)), sha256(data(192, 192))]).toEqual([recogniser, turner]);
  }
});

test("seven crops are two batches, the narrowest first, and each knows its place", () => {
  const sizes: Size[] = [70, 60, 50, 40, 30, 20, 900].map((width) => [width, 10]);
  const batches = textBatches("x", sizes.map(picture), 320);
  expect(batches.map(({ places }) => places)).toEqual([[5, 4, 3, 2, 1, 0], [6]]);
  expect(batches.map(({ tensor }) => tensor.shape)).toEqual([
    [6, 3, 48, 336],
    [1, 3, 48, 4320],
  ]);
});

test("texts are read without blanks and repetitions, with the mean of their scores", () => {
  for (const { scores, lines } of goldens.texts) {
    const tensor = createTensor("scores", "FP32", [2, 12, 5], Float32Array.from(scores));
    const decoded = decodeTexts(tensor, ["0", "1", "2"]);
    expect(decoded.map(({ text }) => text)).toEqual(lines.map(([text]) => text));
    for (const [place, { score }] of decoded.entries()) expect(score).toBeCloseTo(lines[place]?.[1] as number, 12);
    expect(() => decodeTexts(tensor, ["0", "1"])).toThrow("expected 4 classes for 2 characters, got 5");
  }
});

test("a crop is turned only when the model is sure", () => {
  const scores = Float32Array.of(0.95, 0.05, 0.1, 0.9, 0.05, 0.95);
  expect(decodeTurns(createTensor("scores", "FP32", [3, 2], scores))).toEqual([false, false, true]);
});
