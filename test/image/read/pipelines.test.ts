import { readFixture } from "../image-fixtures.ts";
import { sha256 } from "../shared-clothing.ts";
import { type PipelineCases, preparePicture, READERS } from "./pipeline-cases.ts";

/** Made with one picture of at most 120 pixels a side. */
const read = (kind: string): PipelineCases => JSON.parse(readFixture(`pipelines/${kind}.json`).toString("utf8"));

test.each(Object.keys(READERS))("%s: every configuration has the float32 bits of the library", async (kind) => {
  const wrong: string[] = [];
  const refused: string[] = [];
  for (const { name, configuration, pictures } of read(kind).cases) {
    const toPipeline = READERS[kind] as (typeof READERS)[string];
    if (pictures.length === 0) {
      expect(() => toPipeline(configuration)).toThrow("expected [3, height, width]");
      refused.push(name);
      continue;
    }
    for (const picture of pictures) {
      const { shape, values } = await preparePicture(toPipeline(configuration), picture);
      const same = sha256(new Uint8Array(values.buffer)).startsWith(picture.sha256);
      if (!same || shape.join() !== picture.shape.join())
        wrong.push(`${name} ${shape} ${JSON.stringify(configuration)} of ${picture.size}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(refused).toEqual([]);
});
