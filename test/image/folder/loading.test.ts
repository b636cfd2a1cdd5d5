import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createImagePipeline, loadImageModel } from "kserve-transformer/image";
import { openImage } from "../../../src/image/open-image.ts";
import { readFixture } from "../image-fixtures.ts";
import { sha256 } from "../shared-clothing.ts";

/** Made by test/servers/parity/loading_cases.py: each library loads the files itself. */
const cases: readonly {
  readonly library: string;
  readonly files: Readonly<Record<string, object>>;
  /** Of the eight EXIF orientations. */
  readonly pictures: readonly string[];
}[] = JSON.parse(readFixture("loading.json").toString("utf8"));

const folder = mkdtempSync(join(tmpdir(), "loading-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  for (const { files } of cases) for (const name of Object.keys(files)) rmSync(join(folder, name), { force: true });
});

test.each(cases)("a file with an EXIF orientation is loaded as $library loads it", async ({ files, pictures }) => {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
  const model = await loadImageModel(folder);
  const pipeline = createImagePipeline(model.pipeline, model.file);
  const digests: string[] = [];
  for (const [index] of pictures.entries()) {
    const image = await openImage(readFixture(`orientation-${index + 1}.jpg`), pipeline.loadOptions);
    const { tensor } = await pipeline.run("x", [image]);
    const values = Float32Array.from(tensor.data as ArrayLike<number>);
    digests.push(sha256(new Uint8Array(values.buffer)).slice(0, 16));
  }
  expect(digests).toEqual(pictures);
});

test("those libraries do not agree, or this would tell nothing", () => {
  expect(cases.map(({ pictures }) => new Set(pictures).size)).toEqual([8, 8, 1, 1, 8, 1]);
});
