import { Buffer } from "node:buffer";
import { DEFAULT_LIMITS as limits } from "../../../src/protocol/limits.ts";
import { bodyText } from "../recordings.ts";
import { decode, encode, x } from "./v2-messages.ts";

describe("a JSON request", () => {
  test("has id, parameters and tensors; wire controls, nulls and unknown members are not there", () => {
    const request = decode({
      id: "42",
      unknown: [{}],
      parameters: { a: "s", b: 1.5, c: true, d: null, ["__proto__"]: 7, binary_data_output: false },
      inputs: [{ ...x, parameters: { content_type: "np", binary_data: true }, extra: { a: [1] } }],
      outputs: [
        { name: "y", parameters: { classification: 3, binary_data: true } },
        { name: "z", parameters: null },
      ],
    });
    expect(request.id).toBe("42");
    expect(Object.entries(request.parameters)).toEqual(Object.entries({ a: "s", b: 1.5, c: true, ["__proto__"]: 7 }));
    expect(request.inputs[0]?.parameters).toEqual({ content_type: "np" });
    expect(request.requestedOutputs).toEqual([
      { name: "y", parameters: { classification: 3 }, binaryData: true },
      { name: "z", parameters: {} },
    ]);
    expect(request.content.binaryDataOutput).toBe(false);
  });

  test("that asks for an empty list of outputs asks for all", () => {
    expect(decode({ inputs: [x], outputs: [] }).requestedOutputs).toBeUndefined();
  });

  test("keeps 64-bit integers in parameters and data", () => {
    const request = decode(
      '{"parameters":{"seed":18446744073709551615},"inputs":[{"name":"x","shape":[1],"datatype":"UINT64","data":[18446744073709551615]}]}',
    );
    expect(request.parameters).toEqual({ seed: 18446744073709551615n });
    expect(request.input().data).toEqual(BigUint64Array.of(18446744073709551615n));
    expect(bodyText(encode(request.withParameters(request.parameters)))).toBe(
      '{"inputs":[{"name":"x","shape":[1],"datatype":"UINT64","data":[18446744073709551615]}],"parameters":{"seed":18446744073709551615}}',
    );
  });

  test("may have nested data, dimensions of 1 aside as its shape is", () => {
    const data = (shape: number[], value: unknown) =>
      Array.from(
        decode({ inputs: [{ name: "x", datatype: "FP32", shape, data: value }] }).input().data as Float32Array,
      );
    expect(
      data(
        [2, 2],
        [
          [1, 2],
          [3, 4],
        ],
      ),
    ).toEqual([1, 2, 3, 4]);
    expect(data([4], [[1, 2, 3, 4]])).toEqual([1, 2, 3, 4]);
    expect(data([1, 2, 1], [1, 2])).toEqual([1, 2]);
    expect(data([], [7])).toEqual([7]);
    expect(() =>
      data(
        [2, 3],
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      ),
    ).toThrow("tensor 'x': shape [2,3] takes 6 elements, got data of shape [3,2]");
    expect(() => data([2, 2], [[1, 2], [3]])).toThrow(/tensor 'x'/);
  });

  test("reads names and shapes without the elements, whose faults come when they are asked for", () => {
    const request = decode(
      '{"inputs":[{"name":"x","shape":[2],"datatype":"FP32","data":[1,oops]},{"name":"s","shape":[1],"datatype":"BYTES","data":["a"]}]}',
    );
    expect(request.inputs.map(({ name, shape }) => [name, shape])).toEqual([
      ["x", [2]],
      ["s", [1]],
    ]);
    expect(request.input("s").data).toEqual([Uint8Array.of(97)]);
    expect(() => request.input("x").data).toThrow(
      expect.objectContaining({ status: 400, message: expect.stringContaining("tensor 'x'") }),
    );
  });

  test("without elements may have null or no data", () => {
    const empty = { name: "x", shape: [2, 0], datatype: "INT64" };
    for (const input of [empty, { ...empty, data: null }, { ...empty, data: [] }, { ...empty, data: [[], []] }]) {
      expect(decode({ inputs: [input] }).input().data).toEqual(new BigInt64Array(0));
    }
  });

  test("has escapes and bytes of strings as they are meant", () => {
    const input = {
      name: "s",
      shape: [2, 2],
      datatype: "BYTES",
      data: '[["a\\"\\\\\\/\\b\\f\\n\\r\\t","\\u00e9\\ud83c\\udf0d"],["é\u{1F30D}",""]]',
    };
    const text = `{"inputs":[${JSON.stringify(input).replace(JSON.stringify(input.data), input.data)}]}`;
    const texts = (decode(text).input().data as Uint8Array[]).map((element) => Buffer.from(element).toString());
    expect(texts).toEqual(['a"\\/\b\f\n\r\t', "é🌍", "é🌍", ""]);
  });

  test.each([
    [{ inputs: [x, x] }, "inputs[1]: the name 'x' comes twice"],
    [{ inputs: [{ ...x, datatype: "FLOAT" }] }, /tensor 'x': datatype must be one of BOOL, .*, got "FLOAT"/],
    [{ inputs: [{ ...x, shape: [2, -1] }] }, "tensor 'x': shape must be an array of whole numbers ≥ 0, got [2,-1]"],
    [{ inputs: [{ ...x, shape: [1.5] }] }, "tensor 'x': shape must be an array of whole numbers ≥ 0, got [1.5]"],
    [
      { inputs: [{ ...x, shape: [4294967296, 4294967296] }] },
      "tensor 'x': shape [4294967296,4294967296] has more elements than can be counted",
    ],
    [
      { inputs: [{ ...x, shape: [100000000] }] },
      "tensor 'x': shape [100000000] has 100000000 elements, more than the limit of 67108864",
    ],
    [{ inputs: [{ ...x, data: undefined }] }, "tensor 'x': expected data with 2 elements, got none"],
    [{ inputs: [{ ...x, data: 5 }] }, "tensor 'x': data must be an array, got 5"],
    [{ inputs: [{ ...x, data: [1] }] }, /tensor 'x': .*2.*1/],
    [{ inputs: [{ ...x, data: [1, 2, 3] }] }, /tensor 'x'/],
    [{ inputs: [{ ...x, datatype: "INT64", data: [1, 1.5] }] }, /tensor 'x'.*1\.5/],
    [
      { inputs: [{ ...x, datatype: "BYTES", data: ["a", 1] }] },
      "tensor 'x': expected a string as element 1 of data, got '1' at byte",
    ],
    [{ inputs: [{ ...x, datatype: "BYTES", data: [["a"], "b"] }] }, "tensor 'x': data is not nested evenly"],
    [{ inputs: [{ ...x, datatype: "BYTES", data: [[], ["a", "b"]] }] }, "tensor 'x': data is not nested evenly"],
    [
      { inputs: [{ ...x, shape: [4], datatype: "BYTES", data: [["a", "b"], ["c"], ["d"]] }] },
      "tensor 'x': data is not nested evenly",
    ],
    [
      {
        inputs: [
          {
            ...x,
            shape: [4],
            datatype: "BYTES",
            data: [
              ["a", "b"],
              ["c", "d", "e"],
            ],
          },
        ],
      },
      /tensor 'x'/,
    ],
    [
      { inputs: [{ ...x, shape: [2, 2], datatype: "BYTES", data: [["a", "b"], ["c"], ["d"]] }] },
      "tensor 'x': data is not nested evenly",
    ],
    [
      { inputs: [{ ...x, shape: [3, 2], datatype: "BYTES", data: [["a", "b"], ["c"], ["d", "e", "f"]] }] },
      "tensor 'x': data is not nested evenly",
    ],
    [{ inputs: [{ ...x, datatype: "BYTES", data: ["a", ["b"]] }] }, "tensor 'x': data is not nested evenly"],
    [
      { inputs: [{ ...x, datatype: "BYTES", data: ["a"] }] },
      "tensor 'x': shape [2] takes 2 elements, got data of shape [1]",
    ],
    [{ inputs: [{ ...x, datatype: "BYTES", data: ["a", "b", "c"] }] }, "tensor 'x': more elements than the limit of 2"],
    [
      { inputs: [{ ...x, parameters: { binary_data_size: 8 } }] },
      "tensor 'x': expected either data or binary_data_size, got both",
    ],
    [
      { inputs: [{ ...x, parameters: { a: [1] } }] },
      "inputs[0] 'x': parameter 'a' must be a string, number or boolean, got an array of 1 value",
    ],
    [{ inputs: [{ ...x, parameters: 5 }] }, "inputs[0] 'x': parameters must be an object, got 5"],
    [{ inputs: [x], parameters: { binary_data_output: 1 } }, "body: binary_data_output must be true or false, got 1"],
    [{ inputs: [x], outputs: [{}] }, "outputs[0].name must be a string, got nothing"],
    [{ inputs: [x], outputs: [{ name: "a" }, { name: "a" }] }, "outputs[1]: the name 'a' comes twice"],
    [{ inputs: [x], id: 5 }, "id must be a string, got 5"],
    [{ inputs: [5] }, "inputs[0] must be an object, got 5"],
    [{ outputs: [] }, "inputs must be an array, got nothing"],
    ['{"inputs":[],"inputs":[]}', 'the key "inputs" comes twice in body'],
    ['{"inputs":[{"name":"a","name":"b"}]}', 'the key "name" comes twice in inputs[0]'],
    ['{"parameters":{"a":1,"a":2},"inputs":[]}', 'the key "a" comes twice in parameters'],
    ['{"inputs":[{"name":"a","parameters":{"a":1,"a":1}}]}', 'the key "a" comes twice in inputs[0].parameters'],
    [
      '{"inputs":[],"outputs":[{"name":"a","parameters":{"binary_data":true,"binary_data":false}}]}',
      'the key "binary_data" comes twice in outputs[0].parameters',
    ],
    ['{"inputs":[],"a":[1}', "expected ',' or ']', got '}'"],
  ])("%j is refused by name", (body, message) => {
    const request = decode(body);
    const failed = expect(() => request.inputs.map(({ data }) => data));
    failed.toThrow(expect.objectContaining({ status: 400 }));
    failed.toThrow(message);
  });

  test("counts its tensors against the limit", () => {
    const bounded = { limits: { ...limits, maxTensors: 1 } };
    expect(() => decode({ inputs: [x, { ...x, name: "b" }] }, bounded).inputs).toThrow(
      "inputs: more than the limit of 1 tensors",
    );
    expect(() => decode({ inputs: [x], outputs: [{ name: "a" }, { name: "b" }] }, bounded).inputs).toThrow(
      "outputs: more than the limit of 1 tensors",
    );
  });

  test("of another step's answer is read where chaining is on", () => {
    const body = { model_name: "step", model_version: null, outputs: [{ ...x, parameters: null }] };
    expect(decode(body, { chaining: true }).input("x").data).toEqual(Float32Array.of(1, 2));
    expect(decode({ inputs: [x], outputs: [{ name: "y" }] }, { chaining: true }).requestedOutputs).toHaveLength(1);
    expect(() => decode(body).inputs).toThrow("inputs must be an array, got nothing");
  });
});
