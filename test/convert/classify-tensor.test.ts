import { classifyTensor } from "../../src/convert/classify-tensor.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import { createEchoPredictor } from "../../src/predictor/embedded/echo-predictor.ts";
import { createTensor, type Tensor } from "../../src/tensor/tensor.ts";
import { testTransformer } from "../../src/testing/test-transformer.ts";
import { Transformer } from "../../src/transformer/transformer.ts";

const texts = ({ data }: Tensor) => (data as readonly Uint8Array[]).map((bytes) => new TextDecoder().decode(bytes));

describe("classification", () => {
  test("gives the largest of a row with their indices, as Triton prints them", () => {
    const tensor = createTensor("OUTPUT0", "FP32", [4], new Float32Array([1, 2, 3, 4]));
    const classified = classifyTensor(tensor, 2);
    expect([classified.datatype, classified.shape, texts(classified)]).toEqual([
      "BYTES",
      [2],
      ["4.000000:3", "3.000000:2"],
    ]);
  });

  test("works row by row, on 16-bit floats and 64-bit integers, the lower index first of equals", () => {
    const half = createTensor("x", "FP16", [2, 2], new Uint16Array([0x3c00, 0x4000, 0x4000, 0x4000]));
    expect(texts(classifyTensor(half, 1))).toEqual(["2.000000:1", "2.000000:0"]);
    const long = createTensor("x", "INT64", [1, 3], new BigInt64Array([1n, -5n, 7n]));
    expect([texts(classifyTensor(long, 9)), classifyTensor(long, 9).shape]).toEqual([
      ["7.000000:2", "1.000000:0", "-5.000000:1"],
      [1, 3],
    ]);
  });

  test.each([0, 1.5, "many"])("refuses %j classes by name", (count) => {
    const tensor = createTensor("scores", "FP32", [1], new Float32Array(1));
    expect(() => classifyTensor(tensor, count)).toThrow("output 'scores': classification must be a whole number ≥ 1");
  });

  test("is done after postprocess, for the client's requested output", async () => {
    class Doubling extends Transformer {
      override postprocess(response: InferResponse): InferResponse {
        const { data } = response.output("x", "FP32");
        return response.withOutputs([
          createTensor(
            "x",
            "FP32",
            [1, 3],
            data.map((value) => value * 2),
          ),
        ]);
      }
    }
    const body = {
      inputs: [{ name: "x", datatype: "FP32", shape: [1, 3], data: [1, 3, 2] }],
      outputs: [{ name: "x", parameters: { classification: 2 } }],
    };
    const answer = await testTransformer(Doubling, { predictor: createEchoPredictor() }).predict({
      method: "POST",
      path: "/v2/models/{model}/infer",
      headers: { "content-type": "application/json" },
      body: new TextEncoder().encode(JSON.stringify(body)),
    });
    expect(answer.json).toMatchObject({
      outputs: [{ name: "x", datatype: "BYTES", shape: [1, 2], data: ["6.000000:1", "4.000000:2"] }],
    });
  });
});
