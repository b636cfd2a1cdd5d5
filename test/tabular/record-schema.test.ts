import { createVectorizer, type VectorizerSpecification } from "kserve-transformer/tabular";
import { createTensor, type Tensor } from "kserve-transformer/tensor";
import { InferRequest } from "../../src/inference/infer-request.ts";
import { RowValues, TensorValues } from "../../src/inference/row-and-tensor-values.ts";
import type { Values } from "../../src/inference/values.ts";
import type { JsonValue } from "../../src/tensor/json-value.ts";
import { specificationOf } from "./specification-of.ts";

const FEATURES = ["contract=month", "contract=year", "tenure", "mixed", "mixed=none"];

const requestOf = (values: Values) =>
  new InferRequest({ modelName: "churn", content: { parameters: {}, members: {}, values } });
const read = (rows: readonly unknown[], changes: Partial<VectorizerSpecification> = {}) =>
  requestOf(new RowValues(rows as JsonValue[], "input")).rows(
    createVectorizer(specificationOf(FEATURES, changes)).records,
  );
const readColumns = (tensors: readonly Tensor[]) =>
  requestOf(new TensorValues(tensors, "input")).rows(createVectorizer(specificationOf(FEATURES)).records);

test("records with missing, unknown and ordinary fields pass as they are", () => {
  const rows = [
    { contract: "month", tenure: 3, height: 180 },
    { contract: "century", eyes: "blue" },
    {},
    { contract: ["month", "year"] },
  ];
  expect(read(rows)).toEqual(rows);
});

test.each([
  ["text for a number", { tenure: "12" }, 'instances[2].tenure: expected a number, got the string "12"'],
  ["null for a number", { tenure: null }, "instances[2].tenure: expected a number, got null"],
  [
    "several values for a number",
    { tenure: ["a", "b"] },
    "instances[2].tenure: expected a number, got an array of 2 values",
  ],
  [
    "an infinite number",
    { tenure: Number.POSITIVE_INFINITY },
    "instances[2].tenure: expected a finite number, got Infinity",
  ],
  ["a number for a category", { contract: 3 }, "instances[2].contract: expected text, got 3"],
  ["a boolean for a category", { contract: true }, "instances[2].contract: expected text, got true"],
  [
    "an array of numbers for a category",
    { contract: [1, 2] },
    "instances[2].contract: expected texts only in an array",
  ],
  ["an object", { contract: { b: 1 } }, "instances[2].contract: expected text, got an object with b"],
])("%s is refused by name", (_, record, message) => {
  expect(() => read([{ tenure: 1 }, { tenure: 2 }, record])).toThrow(message);
});

test("every fault of a record is named at once", () => {
  expect(() => read([{ tenure: "x", contract: 4 }])).toThrow(/instances\[0\]\.tenure: .*; instances\[0\]\.contract: /);
});

test("a row that is no record is refused", () => {
  expect(() => read([[1, 2]])).toThrow("instances[0]: expected an object of fields, got an array of 2 values");
});

test("null stands for a category that is not known", () => {
  expect(read([{ contract: null }])).toEqual([{ contract: null }]);
});

test("a field with both kinds of features takes both", () => {
  expect(read([{ mixed: 3 }, { mixed: "none" }])).toEqual([{ mixed: 3 }, { mixed: "none" }]);
});

test("as_scikit_learn lets through what scikit-learn does, and refuses what it refuses", () => {
  const rows = [{ tenure: "12", contract: 3 }, { tenure: null }];
  expect(read(rows, { records: "as_scikit_learn" })).toEqual(rows);
  expect(() => read([{ tenure: {} }], { records: "as_scikit_learn" })).toThrow("instances[0].tenure: expected");
  expect(() => read([{ eyes: [1, "b"] }], { records: "as_scikit_learn" })).toThrow(
    "instances[0].eyes: expected texts only",
  );
});

test("V2 columns of shape [N] and [N, 1] are records", () => {
  const contract = createTensor("contract", "BYTES", [2, 1], [Buffer.from("month"), Buffer.from("year")]);
  const tenure = createTensor("tenure", "INT64", [2, 1], BigInt64Array.of(3n, 4n));
  const mixed = createTensor("mixed", "FP64", [2], Float64Array.of(0.5, 1));
  expect(readColumns([contract, tenure, mixed])).toEqual([
    { contract: "month", tenure: 3, mixed: 0.5 },
    { contract: "year", tenure: 4, mixed: 1 },
  ]);
});

test("a V2 column of the wrong type is named as the client wrote it", () => {
  const tenure = createTensor("tenure", "BYTES", [2], [Buffer.from("3"), Buffer.from("4")]);
  const contract = createTensor("contract", "BYTES", [2], [Buffer.from("month"), Buffer.from("year")]);
  expect(() => readColumns([tenure, contract])).toThrow('inputs.tenure[0]: expected a number, got the string "3"');
});
