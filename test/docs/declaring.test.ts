import { readFileSync, writeFileSync } from "node:fs";
import { createTensor, type InferRequest, type TensorSpec, Transformer } from "kserve-transformer";
import { createFunctionPredictor } from "kserve-transformer/predictor";
import { createApp } from "kserve-transformer/server";
import { DATATYPES } from "kserve-transformer/tensor";
import { testTransformer, v2Request } from "kserve-transformer/testing";
import supertest from "supertest";

class Scaler extends Transformer {
  override readonly inputs: readonly TensorSpec[] = [{ name: "values", datatype: "FP32", shape: [-1, 3] }];
  override readonly outputs: readonly TensorSpec[] = [{ name: "score", datatype: "FP32", shape: [-1] }];

  override preprocess(request: InferRequest) {
    const { shape, data } = request.input("values", "FP32");
    return request.withInputs([
      createTensor(
        "scaled",
        "FP32",
        shape,
        data.map((value) => value / 255),
      ),
    ]);
  }
}

const predictor = { predictions: [0.5] };

test("docs/declaring.md: rows become the declared tensor, and predictions the declared output", async () => {
  const scaler = testTransformer(Scaler, { predictor });
  const { json } = await scaler.predict({ instances: [[255, 51, 0]] });
  expect(json).toEqual({ predictions: [0.5] });
  expect(scaler.sent[0]?.input("scaled", "FP32").data).toEqual(Float32Array.of(1, Math.fround(0.2), 0));
  const values = createTensor("values", "FP32", [1, 3], new Float32Array(3));
  const { outputs } = await scaler.predict(v2Request([values]));
  expect(outputs).toEqual([{ name: "score", datatype: "FP32", shape: [1], data: Float32Array.of(0.5) }]);
  await scaler.close();
});

test.each([
  [
    "a wrong datatype",
    [createTensor("values", "FP64", [1, 3], new Float64Array(3))],
    "input 'values': expected datatype FP32, got FP64",
  ],
  [
    "a wrong shape",
    [createTensor("values", "FP32", [3], new Float32Array(3))],
    "input 'values': expected shape [-1,3], got [3]",
  ],
  [
    "another name",
    [createTensor("other", "FP32", [1, 3], new Float32Array(3))],
    "input 'other': the model has no such input, it takes 'values'",
  ],
])("docs/declaring.md: %s is a 400", async (_name, inputs, error) => {
  const scaler = testTransformer(Scaler, { predictor });
  const response = await scaler.predict(v2Request(inputs));
  expect([response.status, response.json]).toMatchObject([400, { error }]);
  await scaler.close();
});

test("docs/declaring.md: the model's metadata is what is declared", async () => {
  const app = createApp(Scaler, { modelName: "scaler", predictor: createFunctionPredictor(() => predictor) });
  const { body } = await supertest(app).get("/v2/models/scaler").expect(200);
  expect(body).toMatchObject({
    inputs: [{ name: "values", datatype: "FP32", shape: [-1, 3] }],
    outputs: [{ name: "score", datatype: "FP32", shape: [-1] }],
  });
  await app.close();
});

test("docs/declaring.md: a wrong tensor of your own is told where you make it", () => {
  expect(() => createTensor("x", "FP32", [2, 2], new Float32Array(3))).toThrow(/'x'/);
});

test("docs/declaring.md lists each datatype with its array", () => {
  const page = new URL("../../docs/declaring.md", import.meta.url);
  const rows = Object.entries(DATATYPES).map(
    ([name, { array, kind }]) => `| ${name} | ${describeArray(array, kind)} |`,
  );
  const table = ["| datatype | `data` |", "| --- | --- |", ...rows].join("\n");
  const text = readFileSync(page, "utf8");
  const updated = text.replace(/(<!-- datatypes -->\n)[\s\S]*(<!-- \/datatypes -->)/, `$1${table}\n$2`);
  if (process.env["UPDATE_DOCS"]) writeFileSync(page, updated);
  else expect(text).toBe(updated);
});

function describeArray(array: string, kind: string): string {
  if (kind === "bytes") return "an array of `Uint8Array`, one for each element; text is UTF-8";
  if (kind === "float16") return `\`${array}\` of the 16 bits of each number`;
  return kind === "bool" ? `\`${array}\` of 0 and 1` : `\`${array}\``;
}
