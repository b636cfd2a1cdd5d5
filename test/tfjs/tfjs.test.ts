import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
import { loadImage } from "../../src/image/load-images.ts";
import { InferRequest } from "../../src/inference/infer-request.ts";
import { RowValues, TensorValues } from "../../src/inference/row-and-tensor-values.ts";
import type { Datatype, TensorDataByDatatype } from "../../src/tensor/datatype.ts";
import { createTensor, type Tensor } from "../../src/tensor/tensor.ts";
import { tfImageTensor } from "../../src/tfjs/tf-image-tensor.ts";
import { fromTfTensor, toTfTensor } from "../../src/tfjs/tf-tensor.ts";
import { createTfjsPredictor } from "../../src/tfjs/tfjs-predictor.ts";
import { withTensors } from "../../src/tfjs/with-tensors.ts";

const here = (path: string) => new URL(`../../${path}`, import.meta.url).pathname;
const text = (value: string) => new TextEncoder().encode(value);

describe("tensors there and back", () => {
  const cases: readonly (readonly [Datatype, TensorDataByDatatype[Datatype], Datatype, readonly unknown[]])[] = [
    ["FP32", new Float32Array([0.1, -2, 3]), "FP32", Array.from(new Float32Array([0.1, -2, 3]))],
    ["FP16", new Uint16Array([0x3c00, 0xc000, 0x0001]), "FP32", [1, -2, 2 ** -24]],
    ["BF16", new Uint16Array([0x3f80, 0xc000, 0x4040]), "FP32", [1, -2, 3]],
    ["BOOL", new Uint8Array([0, 1, 1]), "BOOL", [0, 1, 1]],
    ["UINT8", new Uint8Array([0, 1, 255]), "INT32", [0, 1, 255]],
    ["INT64", new BigInt64Array([-(2n ** 31n), 0n, 2n ** 31n - 1n]), "INT32", [-(2 ** 31), 0, 2 ** 31 - 1]],
    ["BYTES", [text("a"), text("grüße"), text("")], "BYTES", [text("a"), text("grüße"), text("")]],
  ];

  test.each(cases)("%s", async (datatype, data, expected, values) => {
    await withTensors(async (keep) => {
      const given = createTensor("x", datatype, [1, 3], data);
      const back = await fromTfTensor("x", keep(toTfTensor(tf, given)));
      expect([back.datatype, back.shape, Array.from(back.data as ArrayLike<unknown>)]).toEqual([
        expected,
        [1, 3],
        values,
      ]);
    });
  });

  test.each([
    [createTensor("x", "FP64", [1], new Float64Array([0.1])), "tensor 'x': TensorFlow.js has no FP64; give FP32"],
    [
      createTensor("x", "INT64", [1], new BigInt64Array([2n ** 31n])),
      "integers of 32 bits, got 2147483648 at element 0",
    ],
  ] as readonly [Tensor, string][])("what TensorFlow.js cannot hold is refused by name", (tensor, message) => {
    expect(() => toTfTensor(tf, tensor)).toThrow(message);
  });
});

describe("withTensors", () => {
  test("disposes across awaits, of interleaved work each its own, and when the work fails", async () => {
    const before = tf.memory().numTensors;
    const work = (fail: boolean) =>
      withTensors(async (keep) => {
        const first = keep(tf.scalar(1));
        await new Promise((resolve) => setImmediate(resolve));
        const second = keep(first.add(1));
        await new Promise((resolve) => setImmediate(resolve));
        if (fail) throw new Error("failed");
        return (await second.data())[0];
      });
    const results = await Promise.allSettled([work(false), work(true), work(false)]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("embedded predictor", () => {
  const path = here("examples/tfjs/model/model.json");
  const request = (values: RowValues | TensorValues) =>
    new InferRequest({ modelName: "m", content: { parameters: {}, members: {}, values } });

  test("says what the model takes and gives, and answers rows by it", async () => {
    const predictor = createTfjsPredictor({ tf, path });
    expect(await predictor.metadata()).toMatchObject({
      name: "model",
      inputs: [{ name: "pair_input", datatype: "FP32", shape: [-1, 2] }],
      outputs: [{ datatype: "FP32", shape: [-1, 1] }],
    });
    const answer = await predictor.infer(
      request(
        new RowValues(
          [
            [0, 0],
            [0, 1],
          ],
          "input",
        ),
      ),
    );
    const [same = 1, differ = 0] = Array.from(answer.output(undefined, "FP32").data);
    expect([same < 0.5, differ > 0.5]).toEqual([true, true]);
    expect(await predictor.ready()).toBe(true);
    await predictor.close();
  });

  test("a tensor of another name or shape is a 400 that names it", async () => {
    const predictor = createTfjsPredictor({ tf, path });
    const ask = (name: string, shape: readonly number[]) =>
      predictor.infer(request(new TensorValues([createTensor(name, "FP32", shape, new Float32Array(3))], "input")));
    await expect(ask("other", [1, 3])).rejects.toThrow("input 'other'");
    await expect(ask("pair_input", [1, 3])).rejects.toThrow("expected shape [-1,2], got [1,3]");
    await predictor.close();
  });

  test("a file that is no model is not ready, and says so", async () => {
    const predictor = createTfjsPredictor({ tf, path: here("package.json") });
    expect(await predictor.ready()).toBe(false);
    await expect(predictor.metadata()).rejects.toThrow("the TensorFlow.js model package.json cannot be loaded");
  });
});

test("images are resized and scaled by tf operations", async () => {
  const bytes = readFileSync(here("examples/clothing/drawings/pants.jpg"));
  const fetch = () => Promise.reject(new Error("no download"));
  const image = await loadImage({ bytes }, { fetch });
  const tensor = await tfImageTensor(tf, "image", [image], {
    size: [24, 32],
    scale: (pixels: tf.Tensor) => pixels.div(127.5).sub(1),
  });
  const pixels = await image.decode();
  const expected = tf.tidy(() => {
    const whole = tf.tensor(Float32Array.from(pixels.data), [1, pixels.height, pixels.width, 3]) as tf.Tensor4D;
    return tf.image.resizeBilinear(whole, [24, 32], false, true).div(127.5).sub(1).dataSync();
  });
  expect([tensor.datatype, tensor.shape]).toEqual(["FP32", [1, 24, 32, 3]]);
  expect(Array.from(tensor.data as Float32Array)).toEqual(Array.from(expected));
});
