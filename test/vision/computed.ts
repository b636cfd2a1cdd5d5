import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** Inputs and digests as test/servers/parity/vision_cases.py computes them. */
export const readFixture = <Value>(name: string): Value =>
  JSON.parse(readFileSync(new URL(`../fixtures/vision/${name}`, import.meta.url), "utf8")) as Value;

const { fround, floor } = Math;

/** Float32 in [0, 1): a hash of the place, 24 bits of it. */
export function uniform(seed: number, count: number): Float32Array {
  const offset = Math.imul(seed, 0x9e3779b9);
  return Float32Array.from({ length: count }, (_, place) => {
    let x = (place + offset) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d) >>> 0;
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b) >>> 0;
    x = (x ^ (x >>> 16)) >>> 0;
    return (x >>> 8) / 2 ** 24;
  });
}

export interface Computed {
  readonly boxes: Float32Array;
  readonly scores: Float32Array;
  readonly classes: Int32Array;
}

/** Boxes in crowds of about eight; whole numbers give equal scores, and overlaps that are exactly a threshold. */
export function boxesAndScores(seed: number, count: number, whole: boolean): Computed {
  const u = uniform(seed, count * 6);
  const crowds = uniform(seed + 1000, count);
  const boxes = new Float32Array(count * 4);
  for (let i = 0; i < count; i++) {
    const crowd = crowds[i - (i % 8)] as number;
    const at = (member: number): number => u[i * 6 + member] as number;
    const left = fround(fround(crowd * 600) + fround(at(0) * 30));
    const top = fround(fround(crowd * 400) + fround(at(1) * 30));
    const width = fround(fround(at(2) * (whole ? 40 : 100)) + 1);
    const height = fround(fround(at(3) * (whole ? 40 : 100)) + 1);
    boxes.set([left, top, fround(left + width), fround(top + height)], i * 4);
  }
  const scores = Float32Array.from({ length: count }, (_, i) => u[i * 6 + 4] as number);
  const classes = Int32Array.from({ length: count }, (_, i) => floor(fround((u[i * 6 + 5] as number) * 5)));
  if (!whole) return { boxes, scores, classes };
  return { boxes: boxes.map(floor), scores: scores.map((score) => floor(score * 16) / 16), classes };
}

/** [pictures, boxes, 4 + objectness + classes + extras]: boxes in crowds, most scores small. */
export function yoloOutput(seed: number, pictures: number, boxes: number, members: number): Float32Array {
  const u = uniform(seed, pictures * boxes * members);
  const crowds = uniform(seed + 2000, pictures * boxes);
  return u.map((value, index) => {
    const row = floor(index / members);
    const member = index % members;
    if (member >= 4) return fround(value * value);
    if (member >= 2) return fround(fround(value * 80) + 2);
    const box = row % boxes;
    const crowd = crowds[row - (box % 8)] as number;
    return fround(fround(value * 20) + fround(crowd * 600));
  });
}

export function digest(values: ArrayBufferView): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}
