import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Pixels } from "../../src/image/image.ts";

const folder = join("test", "fixtures", "image");

interface Decoded {
  readonly size: readonly [width: number, height: number];
  readonly sha256: string;
}

/** What Pillow and numpy made of the fixtures; make.py beside them says how. */
export interface Expected {
  readonly decoded: Readonly<Record<string, Decoded>>;
  readonly oriented: Readonly<Record<string, Decoded>>;
  /** `50x40 32x32 nearest`: from, to, kernel. */
  readonly resized: Readonly<Record<string, string>>;
  /** The same by Pillow up to 12.3. */
  readonly older: Readonly<Record<string, string>>;
  readonly scaled: Readonly<Record<string, string>>;
}

export const EXPECTED: Expected = JSON.parse(readFixture("expected.json").toString("utf8")) as Expected;

export function readFixture(name: string): Buffer {
  return readFileSync(join(folder, name));
}

/** The picture that make.py computes too. */
export function computedPixels(width: number, height: number): Pixels {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => Math.floor((i * i + 31 * i) / 7) % 256);
  return { width, height, data };
}
