import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeTensorflowJpeg } from "../../../src/image/decode/jpeg/tensorflow-jpeg.ts";
import { openImage } from "../../../src/image/open-image.ts";
import { createImagePipeline } from "../../../src/image/pipeline/create-image-pipeline.ts";
import { readKerasPreprocessing } from "../../../src/image/read/keras.ts";
import { pythonOf } from "../start-server.ts";
import { writeDocTable } from "./write-doc-table.ts";

/** Made by jpeg_cases.py. */
interface JpegCases {
  readonly library: string;
  readonly cases: readonly {
    readonly kind: string;
    readonly file: readonly [from: number, length: number];
    readonly channels: 1 | 3;
    /** Null where TensorFlow refuses the file. */
    readonly values: readonly [from: number, length: number] | null;
    readonly size?: readonly [width: number, height: number];
  }[];
  readonly loaded: readonly { readonly file: readonly [from: number, length: number]; readonly place: number }[];
}

interface Compared {
  files: number;
  refusedByBoth: number;
  refusedHere: number;
  values: number;
  differing: number;
}

const SCRIPT = fileURLToPath(new URL("jpeg_cases.py", import.meta.url));
const PHOTOS = join(process.env["KSERVE_TRANSFORMER_SHARED"] ?? resolve("..", "shared"), "clothing");
/** Keras' pictures of this test: 180 × 150 of three floats. */
const LOADED = 180 * 150 * 3;
const SMOOTHED = "progressive, without the last scan";
const folder = mkdtempSync(join(tmpdir(), "jpeg-"));
afterAll(() => rmSync(folder, { recursive: true }));

const photos = existsSync(PHOTOS) ? ["--photos", PHOTOS] : [];
execFileSync(pythonOf("pictures"), [SCRIPT, "--count", "2000", "--out", folder, ...photos], { stdio: "ignore" });
const { library, cases, loaded }: JpegCases = JSON.parse(readFileSync(join(folder, "cases.json"), "utf8"));
const files = readFileSync(join(folder, "files.bin"));
const values = readFileSync(join(folder, "values.bin"));

function slice(from: Buffer, [start, length]: readonly [number, number]): Buffer {
  return from.subarray(start, start + length);
}

test("JPEGs of every kind have the pixels of TensorFlow's decode_image to the last bit, in colour and grey", () => {
  const kinds = new Map<string, Compared>();
  for (const { kind, file, channels, values: place, size } of cases) {
    const name = `${kind.replace(/, (baseline|progressive)$/, "")} | ${channels === 3 ? "colour" : "grey"}`;
    const compared = kinds.get(name) ?? { files: 0, refusedByBoth: 0, refusedHere: 0, values: 0, differing: 0 };
    kinds.set(name, compared);
    compared.files += 1;
    const pixels = decode(slice(files, file), channels);
    if (place === null) {
      expect([name, pixels]).toEqual([name, undefined]);
      compared.refusedByBoth += 1;
    } else if (pixels === undefined) {
      compared.refusedHere += 1;
    } else {
      expect([pixels.width, pixels.height]).toEqual(size);
      const expected = slice(values, place);
      compared.values += expected.length;
      const step = channels === 3 ? 1 : 3;
      for (let i = 0; i < expected.length; i++) if (pixels.data[i * step] !== expected[i]) compared.differing += 1;
    }
  }
  const rows = [...kinds].sort(([one], [other]) => one.localeCompare(other));
  for (const [name, { refusedHere, differing }] of rows) {
    expect([name, differing]).toEqual([name, 0]);
    expect([name, refusedHere > 0]).toEqual([name, name.startsWith(SMOOTHED)]);
  }
  writeDocTable("jpeg", [
    `| ${library}: kind | decoded as | files | refused by both | refused here alone | values compared | differences |`,
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows.map(
      ([name, one]) =>
        `| ${name} | ${one.files} | ${one.refusedByBoth} | ${one.refusedHere} | ${one.values} | ${one.differing} |`,
    ),
  ]);
});

test("Keras' image_dataset_from_directory makes the same floats of the files, decoded and resized", async () => {
  const pipeline = createImagePipeline(
    readKerasPreprocessing({ loader: "image_dataset_from_directory", size: [180, 150] }),
  );
  const floats = readFileSync(join(folder, "loaded.bin"));
  let differing = 0;
  for (const { file, place } of loaded) {
    const { tensor } = await pipeline.run("x", [await openImage(slice(files, file))]);
    const expected = new Float32Array(floats.buffer, floats.byteOffset + place * LOADED * 4, LOADED);
    for (const [i, value] of Float32Array.from(tensor.data).entries()) if (value !== expected[i]) differing += 1;
  }
  writeDocTable("jpeg-loaded", [
    "| loader | files | values compared | differences |",
    "| --- | --- | --- | --- |",
    `| \`image_dataset_from_directory\`, bilinear, to 180 × 150 | ${loaded.length} | ${loaded.length * LOADED} | ${differing} |`,
  ]);
  expect([loaded.length > 150, differing]).toEqual([true, 0]);
});

function decode(file: Uint8Array, channels: 1 | 3): ReturnType<typeof decodeTensorflowJpeg> | undefined {
  try {
    return decodeTensorflowJpeg(file, channels);
  } catch {
    return undefined;
  }
}
