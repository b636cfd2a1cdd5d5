import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTensor } from "kserve-transformer";
import { testTransformer } from "kserve-transformer/testing";
import type { Detection } from "kserve-transformer/vision";
import sharp from "sharp";
import createImageTransformer from "../../../transformers/image/transformer.ts";
import { readFixture, uniform } from "../computed.ts";
import { type Golden, Tally } from "./golden.ts";

/** Made by test/servers/parity/detector_folders.py: label, score, left, top, right, bottom. */
interface Fixture {
  readonly library: string;
  readonly sizes: readonly (readonly [height: number, width: number])[];
  readonly queries: number;
  readonly classes: number;
  readonly threshold: number;
  readonly cases: readonly {
    readonly architecture: string;
    readonly configuration: object;
    readonly seed: number;
    readonly found: readonly { readonly count: number; readonly first: number[][]; readonly last: number[] }[];
  }[];
}

type FolderCase = Fixture["cases"][number];

const { library, sizes, queries, classes, threshold, cases } = readFixture<Fixture>("detector-folders.json");

/** Services that are pointed at folders of seven architectures, on two pictures of different sizes. */
export async function detectorFolders(): Promise<Golden[]> {
  const tally = new Tally();
  for (const given of cases) await compareFolder(given, tally);
  return [tally.finish(library, `folders of ${cases.length} architectures, served`, "boxes")];
}

async function compareFolder(given: FolderCase, tally: Tally): Promise<void> {
  const { architecture, found } = given;
  const lists = await serve(given);
  tally.equal(
    architecture,
    lists.map(({ length }) => length),
    found.map(({ count }) => count),
    found.length * 5,
  );
  for (const [index, { first, last }] of found.entries()) {
    const list = lists[index] ?? [];
    const ours = [...list.slice(0, 4), list.at(-1)].flatMap((one) => (one === undefined ? [] : [one]));
    const theirs = [...first, last];
    tally.near(
      `${architecture}, labels and scores`,
      ours.flatMap(({ label, score }) => [Number(label), score]),
      theirs.flatMap(([label = 0, score = 0]) => [label, score]),
      5e-7,
    );
    tally.near(
      `${architecture}, boxes`,
      ours.flatMap(({ box }) => [box.xmin, box.ymin, box.xmax, box.ymax]),
      theirs.flatMap((row) => row.slice(2)),
      5e-4,
    );
  }
}

/** DETR, Table Transformer and YOLOS have a class more than labels: "nothing". */
function labelsOf(architecture: string): string[] {
  const real = /^(Detr|TableTransformer|Yolos)/.test(architecture) ? classes - 1 : classes;
  return Array.from({ length: real }, (_, index) => String(index));
}

async function serve({ architecture, configuration, seed }: FolderCase): Promise<Detection[][]> {
  const folder = mkdtempSync(join(tmpdir(), "detector-"));
  try {
    writeFileSync(join(folder, "preprocessor_config.json"), JSON.stringify(configuration));
    writeFileSync(
      join(folder, "config.json"),
      JSON.stringify({ architectures: [architecture], id2label: labelsOf(architecture) }),
    );
    const logits = uniform(seed, 2 * queries * classes).map((value) => Math.fround(Math.fround(value * 6) - 3));
    const outputs = [
      createTensor("logits", "FP32", [2, queries, classes], logits),
      createTensor("pred_boxes", "FP32", [2, queries, 4], uniform(seed + 3000, 2 * queries * 4)),
    ];
    const env = { IMAGE_MODEL_FOLDER: folder, IMAGE_SCORE_THRESHOLD: String(threshold) };
    const tested = testTransformer(await createImageTransformer({ env }), { predictor: { outputs } });
    const instances = await Promise.all(
      sizes.map(async ([height, width]) => {
        const picture = sharp({ create: { width, height, channels: 3, background: "red" } });
        return { b64: (await picture.png().toBuffer()).toString("base64") };
      }),
    );
    const { predictions } = await tested.predict({ instances });
    await tested.close();
    return predictions as unknown as Detection[][];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
