import { type InferRequest, type InferResponse, Transformer } from "../../src/index.ts";
import { createTensor } from "../../src/tensor/tensor.ts";
import { testTransformer } from "../../src/testing/test-transformer.ts";

const TENSOR = createTensor("x", "FP32", [1], Float32Array.of(1));
const LATER = Promise.resolve(1) as never;

/** What the author is told of a hook that returns this. */
async function faultOf(hook: "preprocess" | "predict" | "postprocess", make: (value: never) => unknown) {
  class Faulty extends Transformer {
    override predict(request: InferRequest): InferResponse {
      return request.reply({ predictions: request.instances });
    }
  }
  Object.defineProperty(Faulty.prototype, hook, { value: make, configurable: true });
  const response = await testTransformer(Faulty).predict({ instances: [1] });
  expect(response.status).toBe(500);
  const { message, cause } = response.error as Error;
  return message === "internal error" ? (cause as Error).message : message;
}

test.each<["preprocess" | "predict" | "postprocess", unknown, string]>([
  ["preprocess", undefined, "an InferRequest or request.reply(…), got nothing: write return before what it made"],
  ["preprocess", [1], "got an array of 1 value: write request.withInstances(rows)"],
  ["preprocess", { instances: [1] }, "got an object with instances: write request.withInstances(rows)"],
  ["preprocess", [TENSOR], "got an array of 1 value: write request.withInputs(tensors)"],
  ["preprocess", { inputs: [TENSOR] }, "got an object with inputs: write request.withInputs(tensors)"],
  ["predict", [1], "an InferResponse, got an array of 1 value: write request.reply({ predictions: rows })"],
  ["predict", { outputs: [TENSOR] }, "got an object with outputs: write request.reply({ outputs: tensors })"],
  ["postprocess", undefined, "an InferResponse, got nothing: write return before what it made"],
  ["postprocess", [0.5, 0.5], "an InferResponse, got an array of 2 values: write response.withPredictions(rows)"],
  ["postprocess", TENSOR, "write response.withOutputs(tensors)"],
  ["postprocess", "cat", 'an InferResponse, got the string "cat": write response.withPredictions(rows)'],
])("%s that returns %p is told what to write", async (hook, value, message) => {
  const fault = await faultOf(hook, () => value);
  expect(fault).toMatch(/^Faulty\.\w+ must return an Infer/);
  expect(fault).toContain(message);
});

test.each<[string, "preprocess" | "predict" | "postprocess", (value: never) => unknown, string]>([
  [
    "a row",
    "preprocess",
    (request: InferRequest) => request.withInstances([LATER]),
    "withInstances: row 0 is a promise: write await Promise.all(rows) for an array of them",
  ],
  [
    "the rows",
    "preprocess",
    (request: InferRequest) => request.withInstances(LATER),
    "withInstances: expected an array of rows, got a promise: write await before it",
  ],
  [
    "a prediction",
    "postprocess",
    (response: InferResponse) => response.withPredictions([1, LATER]),
    "predictions: row 1 is a promise: write await Promise.all(rows) for an array of them",
  ],
  [
    "a member of a prediction",
    "postprocess",
    (response: InferResponse) => response.withPredictions([{ label: LATER }]),
    "predictions[0].label: a promise has no JSON form: write await before it",
  ],
  [
    "the elements of a tensor",
    "preprocess",
    (request: InferRequest) => request.withInputs([createTensor("x", "FP32", [1], LATER)]),
    "tensor 'x': FP32 takes a Float32Array, got a promise; write await before it",
  ],
])("a promise as %s is named", async (_what, hook, make, message) => {
  expect(await faultOf(hook, make as (value: never) => unknown)).toContain(message);
});

test.each<[unknown, string]>([
  [[1], "reply takes { predictions: rows } or { outputs: tensors }, got an array of 1 value"],
  [{ prediction: [1] }, "reply takes { predictions: rows } or { outputs: tensors }, got an object with prediction"],
  [
    { predictions: Float32Array.of(1) },
    "predictions: expected an array of rows, got a Float32Array: write Array.from(…)",
  ],
])("a reply of %p is told what to write", async (init, message) => {
  expect(await faultOf("predict", (request: InferRequest) => request.reply(init as never))).toContain(message);
});
