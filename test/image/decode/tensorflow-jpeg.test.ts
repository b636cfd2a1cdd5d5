import { InferenceError } from "../../../src/errors.ts";
import { decodeTensorflowJpeg } from "../../../src/image/decode/jpeg/tensorflow-jpeg.ts";
import { readFixture } from "../image-fixtures.ts";
import { sha256 } from "../shared-clothing.ts";

/** Made by test/servers/parity/jpeg_cases.py. */
interface Golden {
  readonly library: string;
  readonly cases: readonly {
    readonly kind: string;
    readonly jpeg: string;
    readonly rgb: string | null;
    readonly grey: string | null;
  }[];
}

const { library, cases }: Golden = JSON.parse(readFixture("tensorflow-jpeg.json").toString("utf8"));
const SMOOTHED = "progressive, without the last scan";

/** The first digits of the SHA-256 of the pixels, or the code of the refusal. */
function digestOf(jpeg: Uint8Array, channels: 1 | 3): string {
  try {
    const { data } = decodeTensorflowJpeg(jpeg, channels);
    return sha256(channels === 3 ? data : data.filter((_, i) => i % 3 === 0)).slice(0, 16);
  } catch (error) {
    if (!InferenceError.isInstance(error)) throw error;
    return error.code;
  }
}

test(`${cases.length} JPEGs of many kinds have the pixels of ${library}, in colour and grey, and what it refuses is refused`, () => {
  const wrong: string[] = [];
  const refused = new Set<string>();
  for (const [index, { kind, jpeg, rgb, grey }] of cases.entries()) {
    for (const [channels, expected] of [
      [3, rgb],
      [1, grey],
    ] as const) {
      const got = digestOf(Buffer.from(jpeg, "base64"), channels);
      const isRefusal = got === "unsupported_media_type" || got === "invalid_argument";
      if (isRefusal) refused.add(`${kind.replace(/, (baseline|progressive)$/, "")}, ${channels}`);
      if (kind !== SMOOTHED && (expected === null ? !isRefusal : got !== expected))
        wrong.push(`${index} ${kind} ${got}`);
    }
  }
  expect(wrong).toEqual([]);
  expect([...refused].sort()).toEqual([
    "Pillow, CMYK, 1",
    "by hand, any factors, 3",
    "by hand, four inks, one and two components, bytes too many, 1",
    "by hand, four inks, one and two components, bytes too many, 3",
    `${SMOOTHED}, 1`,
    `${SMOOTHED}, 3`,
  ]);
});

const colour = readFixture("colour-420.jpg");
const progressive = readFixture("progressive.jpg");

test.each([
  ["colour-420.jpg", colour],
  ["progressive.jpg", progressive],
])("%s cut anywhere is broken data", (_name, jpeg) => {
  const codes = new Set(Array.from({ length: jpeg.length }, (_, end) => digestOf(jpeg.subarray(0, end), 3)));
  expect([...codes]).toEqual(["invalid_argument"]);
});

test.each([
  ["colour-420.jpg", colour],
  ["progressive.jpg", progressive],
  ["cmyk.jpg", readFixture("cmyk.jpg")],
])("%s with any byte changed is decoded or refused", (_name, jpeg) => {
  const known = /^([0-9a-f]{16}|invalid_argument|unsupported_media_type)$/;
  for (let at = 0; at < jpeg.length; at++) {
    for (const mask of [0xff, 0x01, 0x80]) {
      const changed = Buffer.from(jpeg);
      changed[at] = (changed[at] as number) ^ mask;
      expect(digestOf(changed, 3)).toMatch(known);
    }
  }
});

/** The file with other bytes where its frame says width and height. */
function withSize(jpeg: Buffer, width: number, height: number, marker = 0xc0): Buffer {
  const changed = Buffer.from(jpeg);
  const frame = changed.indexOf(Buffer.from([0xff, marker]));
  changed.writeUInt16BE(height, frame + 5);
  changed.writeUInt16BE(width, frame + 7);
  return changed;
}

test("a small file that says it is large is refused before memory is taken for it", () => {
  const before = process.memoryUsage().arrayBuffers;
  expect(digestOf(withSize(colour, 10_000, 5_000), 3)).toBe("invalid_argument");
  expect(digestOf(withSize(progressive, 10_000, 5_000, 0xc2), 3)).toBe("invalid_argument");
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
});

test.each([
  ["12 bits a sample", 4, 12, "a JPEG of 12 bits a sample: TensorFlow reads 8"],
  ["arithmetic coding", 1, 0xc9, "a JPEG with arithmetic coding: it is not read as TensorFlow reads it"],
  ["a lossless file", 1, 0xc3, "a lossless or hierarchical JPEG: TensorFlow does not read it"],
])("%s is a 415 that says so", (_name, place, value, message) => {
  const changed = Buffer.from(colour);
  changed[changed.indexOf(Buffer.from([0xff, 0xc0])) + place] = value;
  expect(() => decodeTensorflowJpeg(changed, 3)).toThrow(
    expect.objectContaining({ code: "unsupported_media_type", message }),
  );
});

test("scans that come again are refused, so that a file cannot hold a thread for as long as it has scans", () => {
  for (const jpeg of [colour, progressive]) {
    const scans = jpeg.subarray(jpeg.indexOf(Buffer.from([0xff, 0xda])), -2);
    expect(digestOf(Buffer.concat([jpeg.subarray(0, -2), scans, jpeg.subarray(-2)]), 3)).toBe("invalid_argument");
  }
});
