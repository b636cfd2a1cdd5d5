import { pathToFileURL } from "node:url";
import { jest } from "@jest/globals";
import { InferenceError } from "../../../src/errors.ts";
import { createOnnxPredictor } from "../../../src/predictor/embedded/onnx-predictor.ts";
import { OnnxSession } from "../../../src/predictor/embedded/onnx-session.ts";
import { toTensorSpec } from "../../../src/predictor/embedded/onnx-tensor.ts";
import { createTensor, type Tensor } from "../../../src/tensor/tensor.ts";
import { sampleTensor } from "../../protocol/sample-tensors.ts";
import { causesOf, inferenceErrorOf, rowsRequest, tensorsRequest } from "../requests.ts";
import { writeIdentityModel } from "./onnx-model.ts";

const IMAGE = { name: "image", datatype: "FP32", shape: ["batch", 2, 2] } as const;
const AGE = { name: "age", datatype: "INT64", shape: ["batch"] } as const;

function open() {
  const pairs = [
    { input: IMAGE, output: { ...IMAGE, name: "pixels" } },
    { input: AGE, output: { ...AGE, name: "years" } },
  ];
  return createOnnxPredictor({ path: writeIdentityModel(pairs), modelName: "two" });
}

const predictor = open();
afterAll(() => predictor.close());

const image = sampleTensor("FP32", [2, 2, 2], "image");
const age = createTensor("age", "INT64", [2], BigInt64Array.of(1n, 2n ** 60n));

test("the session's names, datatypes and shapes are the metadata; -1 is a symbolic dimension", async () => {
  expect(await predictor.metadata()).toEqual({
    name: "two",
    platform: "onnxruntime_onnx",
    inputs: [
      { name: "image", datatype: "FP32", shape: [-1, 2, 2] },
      { name: "age", datatype: "INT64", shape: [-1] },
    ],
    outputs: [
      { name: "pixels", datatype: "FP32", shape: [-1, 2, 2] },
      { name: "years", datatype: "INT64", shape: [-1] },
    ],
  });
});

test("inputs are told apart by name, whatever their order", async () => {
  const response = await predictor.infer(tensorsRequest(age, image));
  expect(response.output("pixels", "FP32").data).toEqual(image.data);
  expect(response.output("years", "INT64").data).toEqual(age.data);
  expect(response.outputs.map(({ name }) => name)).toEqual(["pixels", "years"]);
});

test("objects of rows become inputs of the model's datatypes", async () => {
  const rows = [
    {
      age: 30,
      image: [
        [0, 1],
        [2, 3],
      ],
    },
    {
      age: 40,
      image: [
        [4, 5],
        [6, 7.5],
      ],
    },
  ];
  const response = await predictor.infer(rowsRequest(rows));
  expect(response.output("years", "INT64").data).toEqual(BigInt64Array.of(30n, 40n));
  expect(response.output("pixels", "FP32")).toMatchObject({ shape: [2, 2, 2] });
});

test("a model that was exported for a batch of one gets the rows of a request one after the other", async () => {
  const single = { ...IMAGE, shape: [1, 2, 2] };
  const one = createOnnxPredictor({
    path: writeIdentityModel([
      { input: single, output: { ...single, name: "pixels" } },
      { input: { ...AGE, shape: [1] }, output: { ...AGE, name: "years", shape: [1] } },
    ]),
  });
  const response = await one.infer(tensorsRequest(image, age));
  expect(response.output("pixels", "FP32")).toEqual({ ...image, name: "pixels" });
  expect(response.output("years", "INT64").data).toEqual(age.data);
  const wide = sampleTensor("FP32", [2, 2, 3], "image");
  const error = await inferenceErrorOf(one.infer(tensorsRequest(wide, age)));
  expect(error.message).toContain("input 'image': expected shape [1,2,2], got [1,2,3]");
  await one.close();
});

test("a view into a larger buffer is read where it begins", async () => {
  const large = Float32Array.of(9, 9, 1, 2, 3, 4, 9);
  const view = createTensor("image", "FP32", [1, 2, 2], large.subarray(2, 6));
  const one = createTensor("age", "INT64", [1], BigInt64Array.of(0n, 5n).subarray(1));
  const response = await predictor.infer(tensorsRequest(view, one));
  expect(response.output("pixels", "FP32").data).toEqual(Float32Array.of(1, 2, 3, 4));
  expect(response.output("years", "INT64").data).toEqual(BigInt64Array.of(5n));
});

describe("inputs that do not fit are a 400 that names them", () => {
  const cases: { readonly what: string; readonly tensors: readonly Tensor[]; readonly message: string }[] = [
    { what: "missing", tensors: [image], message: "input 'age' is missing, the model takes 'image', 'age'" },
    {
      what: "unknown",
      tensors: [image, age, sampleTensor("FP32", [1], "colour")],
      message: "input 'colour': the model has no such input, it takes 'image', 'age'",
    },
    { what: "twice", tensors: [image, age, age], message: "input 'age' is there twice" },
    {
      what: "of another datatype",
      tensors: [sampleTensor("FP64", [2, 2, 2], "image"), age],
      message: "input 'image': expected datatype FP32, got FP64",
    },
    {
      what: "of another size",
      tensors: [sampleTensor("FP32", [2, 2, 3], "image"), age],
      message: "input 'image': expected shape [-1,2,2], got [2,2,3]",
    },
    {
      what: "of another rank",
      tensors: [sampleTensor("FP32", [2, 4], "image"), age],
      message: "input 'image': expected shape [-1,2,2], got [2,4]",
    },
  ];
  test.each(cases)("$what", async ({ tensors, message }) => {
    const error = await inferenceErrorOf(predictor.infer(tensorsRequest(...tensors)));
    expect(error).toMatchObject({ code: "invalid_argument", status: 400, message });
  });

  test("bytes that are no text", async () => {
    const port = (name: string) => ({ name, datatype: "BYTES" as const, shape: ["n"] });
    const strings = createOnnxPredictor({ path: writeIdentityModel([{ input: port("x"), output: port("y") }]) });
    const tensor = createTensor("x", "BYTES", [2], [Uint8Array.of(65), Uint8Array.of(0xff)]);
    const error = await inferenceErrorOf(strings.infer(tensorsRequest(tensor)));
    expect(error).toMatchObject({ status: 400, message: expect.stringContaining("input 'x': element 1 is not UTF-8") });
    await strings.close();
  });

  test("a datatype that ONNX Runtime does not take", async () => {
    const error = await inferenceErrorOf(
      predictor.infer(tensorsRequest(sampleTensor("BF16", [2, 2, 2], "image"), age)),
    );
    expect(error).toMatchObject({ status: 400, message: expect.stringContaining("got BF16") });
  });
});

test("explain is 501", async () => {
  const error = await inferenceErrorOf(predictor.infer(tensorsRequest(image, age), { verb: "explain" }));
  expect(error.status).toBe(501);
});

test("a file URL is a path", async () => {
  const port = (name: string) => ({ name, datatype: "FP32" as const, shape: [1] });
  const url = pathToFileURL(writeIdentityModel([{ input: port("x"), output: port("y") }]));
  const embedded = createOnnxPredictor({ path: url });
  expect(await embedded.metadata()).toMatchObject({ name: "identity" });
  await embedded.close();
});

test("a model that cannot be loaded is never ready, and each call says so", async () => {
  const missing = createOnnxPredictor({ path: "/nowhere/clothing.onnx" });
  expect(await missing.ready()).toBe(false);
  const error = await inferenceErrorOf(missing.infer(rowsRequest([1])));
  expect(error).toMatchObject({ code: "unavailable", status: 503 });
  expect(error.message).not.toContain("/nowhere");
  expect(causesOf(error)).toContain("/nowhere");
});

test("a model that is closed while it loads is released", async () => {
  const closing = open();
  const loading = inferenceErrorOf(closing.metadata());
  await closing.close();
  expect(await loading).toMatchObject({ code: "unavailable" });
});

test("what is no tensor, or of a type without a name in V2, has no spec", () => {
  expect(toTensorSpec({ name: "probabilities", isTensor: false })).toBeUndefined();
  expect(toTensorSpec({ name: "x", isTensor: true, type: "int4", shape: [1] })).toBeUndefined();
});

test("without onnxruntime-node the error names the command that installs it", async () => {
  jest.unstable_mockModule("onnxruntime-node", () => {
    throw Object.assign(new Error("Cannot find package 'onnxruntime-node'"), { code: "ERR_MODULE_NOT_FOUND" });
  });
  const { loadOnnxRuntime } = await import("../../../src/predictor/embedded/load-onnx-runtime.ts");
  await expect(loadOnnxRuntime()).rejects.toThrow("ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node");
});

describe("a model's thread", () => {
  const port = (name: string) => ({ name, datatype: "FP32" as const, shape: ["n"] });
  const path = writeIdentityModel([{ input: port("x"), output: port("y") }]);
  const call = (length: number) =>
    tensorsRequest(createTensor("x", "FP32", [length], new Float32Array(length).fill(3)));

  test("works while the event loop turns: a call on the loop is over within one or two turns", async () => {
    const embedded = createOnnxPredictor({ path });
    await embedded.infer(call(1));
    let turns = 0;
    // A busy machine may run the thread and this one in turns: one of the calls meets them side by side.
    for (let calls = 0; calls < 50 && turns <= 20; calls++) {
      turns = 0;
      let isDone = false;
      const turn = (): void => {
        turns++;
        if (!isDone) setImmediate(turn);
      };
      setImmediate(turn);
      const response = await embedded.infer(call(2_000_000));
      isDone = true;
      expect(response.output("y", "FP32").data.at(-1)).toBe(3);
    }
    expect(turns).toBeGreaterThan(20);
    await embedded.close();
  });

  test("answers calls at a time each with its own, and leaves the caller's arrays as they are", async () => {
    const embedded = createOnnxPredictor({ path });
    const sizes = [5, 1, 4, 2, 3];
    const requests = sizes.map(call);
    const responses = await Promise.all(requests.map((request) => embedded.infer(request)));
    expect(responses.map((response) => response.output("y").shape)).toEqual(sizes.map((size) => [size]));
    expect(requests.map((request) => request.input("x").data.length)).toEqual(sizes);
    await embedded.close();
  });

  test("leaves a call that is aborted behind: it ends at once, and the next is answered", async () => {
    const embedded = createOnnxPredictor({ path });
    await embedded.infer(call(1));
    const controller = new AbortController();
    const running = embedded.infer(call(4_000_000), { signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
    expect((await embedded.infer(call(2))).output("y").shape).toEqual([2]);
    await embedded.close();
  });

  test("that has ended is a 503, and does not hang", async () => {
    const session = await OnnxSession.open(
      { path, sessionOptions: undefined },
      async (cause) => new InferenceError(cause.message),
    );
    const running = session.run({ feeds: {}, names: ["y"] }, undefined).catch((error: unknown) => error);
    await session.close();
    expect(await running).toMatchObject({ code: "internal", message: "the model failed on these inputs" });
    await expect(session.run({ feeds: {}, names: [] }, undefined)).rejects.toMatchObject({ code: "unavailable" });
  });
});
