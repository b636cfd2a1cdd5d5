import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTensor, type InferRequest, serve, Transformer } from "kserve-transformer";
import { createFunctionPredictor } from "kserve-transformer/predictor";
import { testTransformer } from "kserve-transformer/testing";
import createOcr from "./ocr.ts";

/** Two white bars on black, 64 × 64: what the stand-in for the detector finds are the bars. */
const BARS = Buffer.from(`P5 64 64 255\n${bars((inside) => (inside ? "\xff" : "\0")).join("")}`, "latin1");

function bars<T>(value: (inside: boolean) => T): T[] {
  return Array.from({ length: 64 * 64 }, (_, i) => {
    const [x, y] = [i % 64, Math.floor(i / 64)];
    return value(x >= 12 && x < 52 && ((y >= 10 && y < 20) || (y >= 40 && y < 50)));
  });
}

/** Finds the bars; says that the second crop of two stands on its head; reads "AB" where a crop begins bright, else "A". */
const models: Record<string, (request: InferRequest) => ReturnType<typeof createTensor>> = {
  detector: () => createTensor("map", "FP32", [1, 1, 64, 64], Float32Array.from(bars((inside) => (inside ? 0.9 : 0)))),
  turner: (request) => {
    const count = request.input("x").shape[0] as number;
    return createTensor(
      "turns",
      "FP32",
      [count, 2],
      Float32Array.from({ length: 2 * count }, (_, i) => (i === 3 ? 1 : 0)),
    );
  },
  recogniser: (request) => {
    const count = request.input("x").shape[0] as number;
    const steps = Array.from({ length: count }, (_, row) => [0, 1, 1, 0, row === 0 ? 2 : 0].map((best) => one(best)));
    return createTensor("scores", "FP32", [count, 5, 4], Float32Array.from(steps.flat(2)));
  },
};

const one = (best: number) => [0, 1, 2, 3].map((place) => (place === best ? 0.75 : 0));

const folder = mkdtempSync(join(tmpdir(), "ocr-"));
writeFileSync(join(folder, "characters.txt"), "A\nB");
afterAll(() => rmSync(folder, { recursive: true }));

test("pictures go through a detector here and two models behind a V2 server", async () => {
  const asked: string[] = [];
  class Model extends Transformer {}
  const predictor = (name: string) =>
    createFunctionPredictor((request) => {
      asked.push(`${name} ${request.inputs.map(({ shape }) => shape.join("×"))}`);
      return { outputs: [models[name]?.(request) as ReturnType<typeof createTensor>] };
    });
  const server = await serve(
    {
      turner: { transformer: Model, predictor: predictor("turner") },
      recogniser: { transformer: Model, predictor: predictor("recogniser") },
    },
    { host: "127.0.0.1", port: 0 },
  );
  const env = { OCR_MODELS: folder, OCR_HOST: new URL(server.url).host };
  const tested = testTransformer(await createOcr({ env }), { predictor: predictor("detector") });
  try {
    const { predictions, status } = await tested.predict({ instances: [{ b64: BARS.toString("base64") }] });
    expect([status, asked]).toEqual([200, ["detector 1×3×736×736", "turner 2×3×48×192", "recogniser 2×3×48×320"]]);
    expect(predictions).toEqual([
      [
        {
          text: "AB",
          score: 0.75,
          box: [
            [6, 4],
            [58, 4],
            [58, 26],
            [6, 26],
          ],
        },
        {
          text: "A",
          score: 0.75,
          box: [
            [6, 34],
            [58, 34],
            [58, 56],
            [6, 56],
          ],
        },
      ],
    ]);
    const refused = await tested.predict({ instances: [{ b64: "bm8gcGljdHVyZQ==" }] });
    expect(refused.status).toBe(415);
  } finally {
    await tested.close();
    await server.close();
  }
});

test("the example stays short", () => {
  const code = readFileSync(new URL("ocr.ts", import.meta.url), "utf8");
  expect(code.trimEnd().split("\n").length).toBeLessThanOrEqual(60);
});
