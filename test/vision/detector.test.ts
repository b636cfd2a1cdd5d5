import { createTensor, type Tensor } from "kserve-transformer";
import { createImagePipeline } from "kserve-transformer/image";
import { createDetector, type DetectorOptions } from "kserve-transformer/vision";
import { InferResponse, responseContentOf } from "../../src/inference/infer-response.ts";

const floats = (name: string, shape: readonly number[], values: readonly number[]): Tensor =>
  createTensor(name, "FP32", shape, Float32Array.from(values));

type Specification = Parameters<typeof createDetector>[0];

/** Scores of what is found on a picture that the pipeline leaves as it is. */
async function scoresOf(specification: Specification, outputs: readonly Tensor[], options?: DetectorOptions) {
  const picture = { width: 100, height: 100, data: new Uint8Array(100 * 100 * 3) };
  const { geometry } = await createImagePipeline({ steps: [] }).run("x", [picture]);
  const response = new InferResponse({ modelName: "m", content: responseContentOf({ outputs }) });
  const [found = []] = await createDetector(specification, options).detect(response, geometry);
  return found.map(({ score }) => Number(score.toFixed(2)));
}

/** Boxes far apart, with these scores. */
const boxes = (scores: readonly number[]): number[] =>
  scores.flatMap((score, box) => [box * 20, 0, box * 20 + 9, 9, score, 0]);

test("boxes of YOLO count above 0.25 unless another threshold is said", async () => {
  const outputs = [floats("output0", [1, 3, 6], boxes([0.9, 0.3, 0.2]))];
  expect(await scoresOf({ head: "end_to_end" }, outputs)).toEqual([0.9, 0.3]);
  expect(await scoresOf({ head: "end_to_end" }, outputs, { scoreThreshold: 0.5 })).toEqual([0.9]);
});

test("boxes of every other head count above 0.5", async () => {
  const outputs = [
    floats("boxes", [3, 4], [0, 0, 9, 9, 20, 0, 29, 9, 40, 0, 49, 9]),
    floats("scores", [3], [0.9, 0.51, 0.3]),
    createTensor("labels", "INT64", [3], BigInt64Array.from([0n, 0n, 0n])),
  ];
  expect(await scoresOf({ head: "torchvision" }, outputs)).toEqual([0.9, 0.51]);
});
