import { readPredictorResponse, type VectorizerSpecification } from "kserve-transformer/tabular";
import { createTensor } from "kserve-transformer/tensor";
import { InferRequest } from "../../src/inference/infer-request.ts";
import type { ResponseInit } from "../../src/inference/infer-response.ts";
import { RowValues } from "../../src/inference/row-and-tensor-values.ts";
import { specificationOf } from "./specification-of.ts";

const request = new InferRequest({
  modelName: "churn",
  content: { parameters: {}, members: {}, values: new RowValues([], "input") },
});
const read = (answer: ResponseInit, changes: Partial<VectorizerSpecification> = {}) =>
  readPredictorResponse(request.reply(answer), specificationOf(["tenure"], changes));

const label = createTensor("label", "INT64", [2], BigInt64Array.of(0n, 1n));
const scores = createTensor("probabilities", "FP32", [2, 2], Float32Array.of(0.75, 0.25, 0.5, 0.5));

test("rows of a value for each class are probabilities", () => {
  expect(
    read({
      predictions: [
        [0.75, 0.25],
        [0.5, 0.5],
      ],
    }),
  ).toEqual({
    kind: "probabilities",
    probabilities: [
      [0.75, 0.25],
      [0.5, 0.5],
    ],
  });
});

test.each<[string, ResponseInit]>([
  ["booleans", { predictions: [false, true] }],
  ["0 and 1", { predictions: [0, 1] }],
  [
    "a column of shape [N, 1], as MLServer answers",
    { outputs: [createTensor("predict", "BOOL", [2, 1], Uint8Array.of(0, 1))] },
  ],
  ["64-bit integers", { outputs: [label] }],
])("one value a row is a class: %s", (_, answer) => {
  expect(read(answer)).toEqual({ kind: "classes", classes: [0, 1] });
});

test("classes with names are told by name", () => {
  const answer = { name: "churn", classes: ["no", "yes"] };
  expect(read({ predictions: ["yes", "no"] }, { answer })).toEqual({ kind: "classes", classes: [1, 0] });
  expect(() => read({ predictions: ["yes", "maybe"] }, { answer })).toThrow(
    'predictions[1]: expected one of the classes "no", "yes", got "maybe"',
  );
});

test("one value a row is the second class's probability where the specification says so", () => {
  const predictor = { single_value: "probability" } as const;
  expect(read({ predictions: [0.25, [0.5]].flat() }, { predictor })).toEqual({
    kind: "probabilities",
    probabilities: [
      [0.75, 0.25],
      [0.5, 0.5],
    ],
  });
});

test("of an ONNX classifier's two outputs the probabilities are read", () => {
  expect(read({ outputs: [label, scores] })).toEqual({
    kind: "probabilities",
    probabilities: [
      [0.75, 0.25],
      [0.5, 0.5],
    ],
  });
});

test("a named output is read before others", () => {
  expect(read({ outputs: [label, scores] }, { predictor: { output: "label", single_value: "class" } })).toEqual({
    kind: "classes",
    classes: [0, 1],
  });
});

test.each<[string, ResponseInit, string]>([
  [
    "three values a row for two classes",
    { predictions: [[0.1, 0.2, 0.7]] },
    "output 'output-0': expected shape [N] or [N, 2], got [1, 3]",
  ],
  ["outputs of which none is known", { outputs: [label, { ...scores, name: "scores" }] }, "expected one output, got 2"],
  ["texts where probabilities should be", { predictions: [["a", "b"]] }, "expected numbers, got BYTES"],
])("%s are a 502 that says what came", (_, answer, message) => {
  expect(() => read(answer)).toThrow(
    expect.objectContaining({ message: expect.stringContaining(message), code: "bad_gateway" }),
  );
});
