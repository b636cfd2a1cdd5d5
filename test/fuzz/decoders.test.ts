import fc from "fast-check";
import { createDecoders } from "../../fuzz/decoders.ts";

/** A short run of what `node fuzz/run.mjs` does long. */
const RUNS = 300;

const rejections: unknown[] = [];
const remember = (error: unknown): void => void rejections.push(error);
beforeAll(() => void process.on("unhandledRejection", remember));
afterAll(() => void process.off("unhandledRejection", remember));

describe("whatever bytes come", () => {
  test.each(createDecoders())("$name answers or refuses by the table", async ({ property }) => {
    await fc.assert(property, { numRuns: RUNS });
    expect(rejections).toEqual([]);
  });
});
