import { Buffer } from "node:buffer";
import type { WireMessage } from "../../../src/inference/content.ts";
import { InferRequest } from "../../../src/inference/infer-request.ts";
import type { InferResponse } from "../../../src/inference/infer-response.ts";
import { TensorValues } from "../../../src/inference/own-values.ts";
import type { DecodeRequestOptions, EncodeRequestOptions } from "../../../src/protocol/codec.ts";
import { DEFAULT_LIMITS as limits } from "../../../src/protocol/limits.ts";
import { v1Codec } from "../../../src/protocol/v1/v1-codec.ts";
import { v2Codec } from "../../../src/protocol/v2/v2-codec.ts";
import { LookupTensor } from "../../../src/tensor/lookup-tensor.ts";
import type { Parameters, Tensor } from "../../../src/tensor/tensor.ts";
import { bodyText, splitBinary } from "../recordings.ts";

const json = (value: unknown): WireMessage => ({
  headers: { "content-type": "application/json" },
  body: [Buffer.from(typeof value === "string" ? value : JSON.stringify(value))],
});
const decode = (value: unknown, options: Partial<DecodeRequestOptions> = {}) =>
  v2Codec.decodeRequest(json(value), { modelName: "m", limits, ...options });
const decodeAnswer = (value: unknown) => v2Codec.decodeResponse(json(value), { modelName: "m", limits });
const encode = (request: InferRequest, options: EncodeRequestOptions = {}) => v2Codec.encodeRequest(request, options);
const answer = (response: InferResponse, request: InferRequest) => v2Codec.encodeResponse(response, { request });
const requestOf = (tensors: readonly Tensor[], content: { id?: string; parameters?: Parameters } = {}) =>
  new InferRequest({
    modelName: "m",
    content: { parameters: {}, members: {}, values: new TensorValues(tensors, "input"), ...content },
  });

const x = { name: "x", shape: [2], datatype: "FP32", data: [1, 2] };
const y: Tensor = { name: "y", datatype: "FP32", shape: [2], data: Float32Array.of(0.5, 1.5) };
const z: Tensor = { name: "z", datatype: "BYTES", shape: [1], data: [new Uint8Array(Buffer.from("é"))] };

describe("a JSON request", () => {
  test("has id, parameters and tensors; wire controls, nulls and unknown members are not there", () => {
    const request = decode({
      id: "42",
      unknown: [{}],
      parameters: { a: "s", b: 1.5, c: true, d: null, binary_data_output: false },
      inputs: [{ ...x, parameters: { content_type: "np", binary_data: true }, extra: { a: [1] } }],
      outputs: [
        { name: "y", parameters: { classification: 3, binary_data: true } },
        { name: "z", parameters: null },
      ],
    });
    expect(request.id).toBe("42");
    expect(request.parameters).toEqual({ a: "s", b: 1.5, c: true });
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

describe("a binary request", () => {
  const head = (inputs: unknown[]) => JSON.stringify({ inputs });
  const binary = (text: string, ...parts: (Uint8Array | number[])[]): WireMessage => ({
    headers: { "inference-header-content-length": String(Buffer.byteLength(text)) },
    body: [Buffer.concat([Buffer.from(text), ...parts.map((part) => Uint8Array.from(part))])],
  });
  const bits = (...floats: number[]) => new Uint8Array(Float32Array.from(floats).buffer);
  const sized = (size: number, more: object = {}) => ({
    name: "x",
    shape: [2],
    datatype: "FP32",
    parameters: { binary_data_size: size },
    ...more,
  });
  const read = (message: WireMessage) => v2Codec.decodeRequest(message, { modelName: "m", limits }).inputs;

  test("has its blobs in order, between JSON tensors, without the sizes as parameters", () => {
    const message = binary(
      head([
        sized(8),
        { ...x, name: "j" },
        sized(0, { name: "e", shape: [0] }),
        sized(5, { name: "s", shape: [1], datatype: "BYTES" }),
      ]),
      bits(1.5, Number.NaN),
      [1, 0, 0, 0, 97],
    );
    const inputs = read(message);
    expect(inputs.map(({ data }) => data)).toEqual([
      Float32Array.of(1.5, Number.NaN),
      Float32Array.of(1, 2),
      new Float32Array(0),
      [Uint8Array.of(97)],
    ]);
    expect(inputs.map(({ parameters }) => parameters)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("is viewed where it lies well, and copied once where it does not", () => {
    const body = new Uint8Array(200);
    const message = binary(head([sized(8)]), bits(1, 2));
    const length = Buffer.concat(message.body).length;
    for (const offset of [0, 1, 2, 3]) {
      body.set(Buffer.concat(message.body), offset);
      const [input] = read({ headers: message.headers, body: [body.subarray(offset, offset + length)] });
      const { data } = input as Tensor<"FP32">;
      expect(data).toEqual(Float32Array.of(1, 2));
      expect(data.buffer === body.buffer).toBe((offset + length - 8) % 4 === 0);
    }
  });

  test.each([
    [binary(head([sized(8)]), bits(1)), "tensor 'x': expected 8 bytes of binary data, got 4"],
    [binary(head([sized(8)]), bits(1, 2, 3)), "expected 8 bytes of binary data for all tensors, got 12"],
    [binary(head([sized(12)]), bits(1, 2, 3)), "tensor 'x': FP32 of shape [2] takes 8 bytes, got binary_data_size 12"],
    [
      binary(head([sized(4, { datatype: "BYTES" })]), bits(1)),
      "tensor 'x': BYTES of shape [2] takes at least 8 bytes, got binary_data_size 4",
    ],
    [
      binary(head([sized(4, { datatype: "BYTES", shape: [0] })]), bits(1)),
      "tensor 'x': BYTES of shape [0] takes 0 bytes, got binary_data_size 4",
    ],
    [
      binary(head([sized(8, { datatype: "BYTES" })]), [9, 0, 0, 0, 1, 2, 3, 4]),
      "tensor 'x': expected 9 bytes for BYTES element 0, got 4 left",
    ],
    [
      binary(head([sized(9, { datatype: "BYTES" })]), [5, 0, 0, 0, 1, 2, 3, 4, 5]),
      "tensor 'x': expected 2 BYTES elements, got 1 in 9 bytes",
    ],
    [
      binary(head([sized(8, { data: [1, 2] })]), bits(1, 2)),
      "tensor 'x': expected either data or binary_data_size, got both",
    ],
    [binary(head([sized(1.5)])), "tensor 'x': binary_data_size must be a whole number of bytes, got 1.5"],
    [binary(head([sized(1e308)])), "tensor 'x': binary_data_size must be a whole number of bytes, got 1e+308"],
    [
      binary(head([sized(16e12, { shape: [4e12] })])),
      "tensor 'x': expected 16000000000000 bytes of binary data, got 0",
    ],
    [
      binary(head([sized(8, { shape: [4294967296, 4294967296, 2] })]), bits(1, 2)),
      "has more elements than can be counted",
    ],
    [binary('{"inputs":[]', [0x7d]), "expected ',' or '}', got the end"],
    [binary("\u00e9"), "expected a value, got byte 0xc3 at byte 0"],
    [
      { headers: { "content-type": "application/octet-stream" }, body: [Buffer.from(head([x]))] },
      "expected the header Inference-Header-Content-Length with a binary body, got none",
    ],
  ])("%# is refused by name", (message, text) => {
    const failed = expect(() => read(message).map(({ data }) => data));
    failed.toThrow(expect.objectContaining({ status: 400 }));
    failed.toThrow(text);
  });

  test.each(["-5", "abc", "", "99999", "1e2", "12.0", "0x10"])("with the header length %p is refused", (length) => {
    const headers = { "inference-header-content-length": length };
    expect(() => read({ headers, body: [Buffer.from(head([x]))] })).toThrow(
      `Inference-Header-Content-Length: expected a whole number from 0 to the ${head([x]).length} bytes of the body, got "${length}"`,
    );
  });

  test("counts its elements against the limit", () => {
    const bounded = { modelName: "m", limits: { ...limits, maxElements: 1 } };
    const request = v2Codec.decodeRequest(binary(head([sized(8)]), bits(1, 2)), bounded);
    expect(() => request.inputs).toThrow("tensor 'x': shape [2] has 2 elements, more than the limit of 1");
  });

  test("may have JSON alone", () => {
    expect(read(binary(head([x])))[0]?.data).toEqual(Float32Array.of(1, 2));
  });
});

describe("a request for a predictor", () => {
  test("has the client's id and parameters, and none that nobody sent", () => {
    const tensor: Tensor = { ...y, parameters: { content_type: "np" } };
    expect(JSON.parse(bodyText(encode(requestOf([tensor], { id: "7", parameters: { k: 1 } }))))).toEqual({
      id: "7",
      inputs: [{ name: "y", shape: [2], datatype: "FP32", parameters: { content_type: "np" }, data: [0.5, 1.5] }],
      parameters: { k: 1 },
    });
    expect(Object.keys(JSON.parse(bodyText(encode(requestOf([y])))))).toEqual(["inputs"]);
  });

  test("in binary has new sizes, and asks for binary", () => {
    const message = encode(requestOf([y, z], { parameters: { k: 1 } }), { binary: true });
    const { head, binary } = splitBinary(message);
    expect(JSON.parse(head)).toEqual({
      inputs: [
        { name: "y", shape: [2], datatype: "FP32", parameters: { binary_data_size: 8 } },
        { name: "z", shape: [1], datatype: "BYTES", parameters: { binary_data_size: 6 } },
      ],
      parameters: { k: 1, binary_data_output: true },
    });
    expect(binary.toString("hex")).toBe("0000003f0000c03f02000000c3a9");
    expect(message.headers["content-type"]).toBe("application/octet-stream");
  });

  test("is filled straight from a lookup tensor", () => {
    const table = Float32Array.from({ length: 256 }, (_, i) => i / 4);
    const image = new LookupTensor("image", [3], Uint8Array.of(0, 4, 6), [table]);
    expect(splitBinary(encode(requestOf([image]), { binary: true })).binary.toString("hex")).toBe(
      "000000000000803f0000c03f",
    );
  });

  test("derived from rows is named and typed by the predictor's metadata", () => {
    const metadata = {
      name: "m",
      inputs: [{ name: "INPUT0", datatype: "INT64", shape: [-1, 2] }],
      outputs: [],
    } as const;
    const rows = v1Codec.decodeRequest(json({ instances: [[1, 2]] }), { modelName: "m", limits });
    const written = JSON.parse(bodyText(encode(rows, { metadata })));
    expect(written.inputs).toEqual([{ name: "INPUT0", shape: [1, 2], datatype: "INT64", data: [1, 2] }]);
    const made = rows.withInstances([[3, 4]]);
    expect(JSON.parse(bodyText(encode(made, { metadata }))).inputs[0]).toMatchObject({ name: "INPUT0", data: [3, 4] });
    expect(() => encode(rows.withInstances([[1.5, 2]]), { metadata })).toThrow(
      /^values that a hook made: instances\[0\]\[0\]: expected a whole number/,
    );
    const columns = v1Codec.decodeRequest(json({ inputs: { INPUT0: [[5, 6]] } }), { modelName: "m", limits });
    expect(JSON.parse(bodyText(encode(columns, { metadata }))).inputs[0]).toMatchObject({ datatype: "INT64" });
    const tensors = rows.withInputs([y]);
    expect(JSON.parse(bodyText(encode(tensors, { metadata }))).inputs[0]).toMatchObject({
      name: "y",
      datatype: "FP32",
    });
  });

  test("takes V1's members as parameters, where they are scalars", () => {
    const rows = (members: object) =>
      v1Codec.decodeRequest(json({ instances: [1], ...members }), { modelName: "m", limits });
    expect(JSON.parse(bodyText(encode(rows({ signature_name: "s", n: null }))))).toMatchObject({
      parameters: { signature_name: "s" },
    });
    expect(() => encode(rows({ options: { a: 1 } }))).toThrow(
      expect.objectContaining({ status: 400, message: expect.stringContaining("member 'options' has no place in V2") }),
    );
  });

  test("never says NaN in JSON, but in bits", () => {
    const nan: Tensor = { ...y, data: Float32Array.of(1, Number.NaN) };
    expect(() => encode(requestOf([nan]))).toThrow(expect.objectContaining({ status: 400 }));
    expect(splitBinary(encode(requestOf([nan]), { binary: true })).binary).toHaveLength(8);
  });

  test("carries requested outputs only when asked to, each binary for itself", () => {
    const request = decode({
      inputs: [x],
      outputs: [{ name: "y", parameters: { classification: 2 } }, { name: "z" }],
    }).withParameters({});
    expect(JSON.parse(bodyText(encode(request))).outputs).toBeUndefined();
    expect(JSON.parse(bodyText(encode(request, { forwardRequestedOutputs: true }))).outputs).toEqual([
      { name: "y", parameters: { classification: 2 } },
      { name: "z" },
    ]);
    const { head } = splitBinary(encode(request, { forwardRequestedOutputs: true, binary: true }));
    expect(JSON.parse(head).outputs).toEqual([
      { name: "y", parameters: { classification: 2, binary_data: true } },
      { name: "z", parameters: { binary_data: true } },
    ]);
  });

  describe("that nothing changed", () => {
    const form = (body: object, options: EncodeRequestOptions) => {
      const message = json(body);
      const request = v2Codec.decodeRequest(message, { modelName: "m", limits });
      return encode(request, options).body[0] === message.body[0] ? "as it came" : "anew";
    };
    const asked = { forwardRequestedOutputs: true };

    test.each([
      [{ inputs: [x] }, {}, "as it came"],
      [{ inputs: [x] }, { binary: true }, "anew"],
      [{ inputs: [x], parameters: { binary_data_output: true } }, {}, "anew"],
      [{ inputs: [x], outputs: [{ name: "y" }] }, {}, "anew"],
      [{ inputs: [x], outputs: [{ name: "y" }] }, asked, "as it came"],
      [{ inputs: [x], outputs: [{ name: "y", parameters: { binary_data: true } }] }, asked, "anew"],
    ])("%j goes to a predictor with %j %s", (body, options, expected) => {
      expect(form(body, options)).toBe(expected);
    });

    test("goes on in binary where it came so and asks so", () => {
      const message = encode(requestOf([y]), { binary: true });
      const request = v2Codec.decodeRequest(message, { modelName: "m", limits });
      expect(encode(request, { binary: true })).toEqual(message);
      expect(encode(request, {}).headers["content-type"]).toBe("application/json");
    });
  });
});

describe("a response to a client", () => {
  const request = (body: object = {}) => decode({ inputs: [x], ...body });
  const written = (body: object, reply: (request: InferRequest) => InferResponse) => {
    const asked = request(body);
    const message = answer(reply(asked), asked);
    const { head, binary } = splitBinary(message);
    return { ...JSON.parse(head), headers: message.headers, binary: binary.toString("hex") };
  };
  const both = (asked: InferRequest) => asked.reply({ outputs: [y, z] });

  test("carries the request's id and the client's model name, whatever the predictor's were", () => {
    const predicted = decodeAnswer({
      id: "theirs",
      model_name: "inner",
      model_version: "3",
      parameters: { p: 1 },
      outputs: [x],
    });
    const { id, model_name: name, model_version: version, parameters } = written({ id: "mine" }, () => predicted);
    expect({ id, name, version, parameters }).toEqual({ id: "mine", name: "m", version: "3", parameters: { p: 1 } });
    expect(Object.keys(written({}, () => predicted.withParameters({})))).toEqual([
      "model_name",
      "model_version",
      "outputs",
      "headers",
      "binary",
    ]);
  });

  test("has the outputs that were asked for, in their order; no list and an empty one mean all", () => {
    const names = (outputs: object[] | undefined) =>
      written({ outputs }, both).outputs.map(({ name }: { name: string }) => name);
    expect(names([{ name: "z" }, { name: "y" }])).toEqual(["z", "y"]);
    expect(names([{ name: "z" }])).toEqual(["z"]);
    expect(names([])).toEqual(["y", "z"]);
    expect(names(undefined)).toEqual(["y", "z"]);
    expect(() => names([{ name: "w" }])).toThrow(
      expect.objectContaining({ status: 400, message: "requested output 'w' is not there; the outputs are 'y', 'z'" }),
    );
  });

  test.each([
    ["nothing", {}, []],
    ["binary_data_output", { parameters: { binary_data_output: true } }, ["y", "z"]],
    ["one output in binary", { outputs: [{ name: "y", parameters: { binary_data: true } }, { name: "z" }] }, ["y"]],
    [
      "binary_data_output and a list, of which one says no",
      {
        parameters: { binary_data_output: true },
        outputs: [{ name: "z" }, { name: "y", parameters: { binary_data: false } }],
      },
      ["z"],
    ],
  ])("to a client that asked for %s", (_, body, binary) => {
    const { outputs, headers } = written(body, both);
    const sizes = outputs.filter(({ parameters }: { parameters?: object }) => parameters !== undefined);
    expect(sizes.map(({ name }: { name: string }) => name)).toEqual(binary);
    expect(headers["inference-header-content-length"] !== undefined).toBe(binary.length > 0);
    expect(headers["content-type"]).toBe(binary.length > 0 ? "application/octet-stream" : "application/json");
  });

  test("whose predictions are no tensors is one BYTES tensor of JSON texts, whatever they are", () => {
    for (const predictions of [[{ hat: 0.5 }, { shoes: 1n }], [], [1, 2], [[1], [2, 3]]]) {
      const { outputs } = written({}, (asked) => asked.reply({ predictions }));
      const texts = predictions.map((row) =>
        JSON.stringify(row, (_, value) => (typeof value === "bigint" ? Number(value) : value)),
      );
      expect(outputs).toEqual([{ name: "predictions", shape: [predictions.length], datatype: "BYTES", data: texts }]);
    }
  });

  test("whose predictions are declared has them as columns", () => {
    const outputs = [
      { name: "label", datatype: "BYTES", shape: [-1] },
      { name: "score", datatype: "FP32", shape: [-1] },
    ] as const;
    const asked = request();
    const encodeDeclared = (predictions: { label: string; score: number }[]) =>
      JSON.parse(bodyText(v2Codec.encodeResponse(asked.reply({ predictions }), { request: asked, outputs }))).outputs;
    expect(encodeDeclared([{ label: "hat", score: 0.5 }])).toEqual([
      { name: "label", shape: [1], datatype: "BYTES", data: ["hat"] },
      { name: "score", shape: [1], datatype: "FP32", data: [0.5] },
    ]);
    expect(() => encodeDeclared([{ label: 5 as never, score: 0.5 }])).toThrow(expect.objectContaining({ status: 500 }));
  });

  test("of a V1 predictor has the declared names and datatypes", () => {
    const outputs = [{ name: "score", datatype: "FP32", shape: [-1, 2] }] as const;
    const asked = request();
    for (const body of [{ predictions: [[0.5, 1]] }, { outputs: [[0.5, 1]] }]) {
      const predicted = v1Codec.decodeResponse(json(body), { modelName: "m", limits });
      const message = v2Codec.encodeResponse(predicted, { request: asked, outputs });
      expect(JSON.parse(bodyText(message)).outputs).toEqual([
        { name: "score", shape: [1, 2], datatype: "FP32", data: [0.5, 1] },
      ]);
    }
  });

  test("of a V1 predictor is tensors where its rows are, else JSON texts", () => {
    const predicted = (predictions: unknown[]) =>
      written({}, () => v1Codec.decodeResponse(json({ predictions }), { modelName: "m", limits })).outputs;
    expect(predicted([[0.5, 1]])).toEqual([{ name: "output-0", shape: [1, 2], datatype: "FP64", data: [0.5, 1] }]);
    expect(predicted([{ a: 1, b: "x" }])).toMatchObject([{ name: "a" }, { name: "b", datatype: "BYTES" }]);
    expect(predicted([[1], [2, 3]])).toMatchObject([{ name: "predictions", data: ["[1]", "[2,3]"] }]);
  });

  test("of a V1 predictor has its members as parameters, or says that they have no place", () => {
    const predicted = (members: object) =>
      written({}, () => v1Codec.decodeResponse(json({ predictions: [1], ...members }), { modelName: "m", limits }));
    expect(predicted({ version: "2" }).parameters).toEqual({ version: "2" });
    expect(() => predicted({ meta: {} })).toThrow(
      expect.objectContaining({ status: 500, message: expect.stringContaining("member 'meta' has no place in V2") }),
    );
  });

  test("never says NaN in JSON", () => {
    const nan: Tensor = { ...y, data: Float32Array.of(1, Number.NaN) };
    expect(() => written({}, (asked) => asked.reply({ outputs: [nan] }))).toThrow(
      expect.objectContaining({ status: 500 }),
    );
    expect(
      written({ parameters: { binary_data_output: true } }, (asked) => asked.reply({ outputs: [nan] })).binary,
    ).toBe("0000803f0000c07f");
  });

  test("refuses a wire control that a hook made", () => {
    const tensor: Tensor = { ...y, parameters: { binary_data_size: 8 } };
    expect(() => written({}, (asked) => asked.reply({ outputs: [tensor] }))).toThrow(
      "the parameter 'binary_data_size' belongs to the codec",
    );
  });
});

describe("a predictor's response", () => {
  test("may have nulls, no id and members that nobody knows", () => {
    const response = decodeAnswer({
      model_name: "m",
      model_version: null,
      id: null,
      parameters: null,
      timing: { a: [1] },
      outputs: [
        { ...x, parameters: { content_type: "np", nested: { a: 1 } } },
        { name: "e", shape: [0], datatype: "FP32", data: null },
      ],
    });
    expect(response.modelVersion).toBeUndefined();
    expect(response.parameters).toEqual({});
    expect(response.output("x").parameters).toEqual({ content_type: "np" });
    expect(response.output("e").data).toEqual(new Float32Array(0));
  });

  test("may have bare NaN and null for it, and raw bytes in strings", () => {
    const numbers = decodeAnswer(
      '{"outputs":[{"name":"x","shape":[4],"datatype":"FP32","data":[NaN,null,-Infinity,1]}]}',
    );
    expect(numbers.output().data).toEqual(Float32Array.of(Number.NaN, Number.NaN, Number.NEGATIVE_INFINITY, 1));
    const body = [
      Buffer.from('{"outputs":[{"name":"x","shape":[2],"datatype":"BYTES","data":["\xff\\n","null"]}]}', "latin1"),
    ];
    const strings = v2Codec.decodeResponse({ headers: {}, body }, { modelName: "m", limits });
    expect(strings.output().data).toEqual([Uint8Array.of(255, 10), Uint8Array.of(110, 117, 108, 108)]);
    const integers = decodeAnswer('{"outputs":[{"name":"x","shape":[1],"datatype":"INT32","data":[null]}]}');
    expect(() => integers.output().data).toThrow(expect.objectContaining({ status: 502 }));
  });

  test.each([
    ["<html>", "expected a value, got '<'"],
    ["", "expected an object, got the end"],
    [{ error: "no" }, "outputs must be an array, got nothing"],
    [{ outputs: [{ ...x, shape: [3] }] }, "tensor 'x'"],
    [{ outputs: [x, x] }, "the name 'x' comes twice"],
    [{ outputs: [{ ...x, datatype: "FLOAT" }] }, "tensor 'x': datatype must be one of"],
  ])("%j is a bad gateway", (body, message) => {
    const failed = expect(() => decodeAnswer(body).outputs.map(({ data }) => data));
    failed.toThrow(expect.objectContaining({ status: 502 }));
    failed.toThrow(message);
  });

  test("without rows in common is a bad gateway for whoever asks for rows", () => {
    const response = decodeAnswer({ outputs: [x, { ...x, name: "b", shape: [1], data: [1] }] });
    expect(() => response.predictions).toThrow(expect.objectContaining({ status: 502 }));
  });
});

describe("an unread answer", () => {
  const predicted = json({ model_name: "inner", outputs: [x] });

  test("may go out where neither side has binary", () => {
    expect(v2Codec.mayForwardResponse(predicted, decode({ inputs: [x] }))).toBe(true);
    expect(
      v2Codec.mayForwardResponse(predicted, decode({ inputs: [x], parameters: { binary_data_output: true } })),
    ).toBe(false);
    const wanted = { inputs: [x], outputs: [{ name: "x", parameters: { binary_data: true } }] };
    expect(v2Codec.mayForwardResponse(predicted, decode(wanted))).toBe(false);
    const headers = { "inference-header-content-length": "10" };
    expect(v2Codec.mayForwardResponse({ ...predicted, headers }, decode({ inputs: [x] }))).toBe(false);
  });

  test("has another model name and all its other bytes", () => {
    const text = '{ "id":"1", "model_name" : "inner", "outputs":[{"model_name":"x","data":[1.0]}]}';
    expect(bodyText(v2Codec.replaceModelName(json(text), 'm"ü'))).toBe(text.replace('"inner"', '"m\\"ü"'));
    expect(bodyText(v2Codec.replaceModelName(json('{"outputs":[]}'), "m"))).toBe('{"outputs":[]}');
    expect(bodyText(v2Codec.replaceModelName(json("nonsense"), "m"))).toBe("nonsense");
  });

  test("has another model name before its binary data", () => {
    const asked = decode({ inputs: [x], parameters: { binary_data_output: true } });
    const message = v2Codec.replaceModelName(answer(asked.reply({ outputs: [y, z] }), asked), "a longer name");
    const response = v2Codec.decodeResponse(message, { modelName: "m", limits });
    expect(response.content.modelName).toBe("a longer name");
    expect(response.outputs.map(({ data }) => data)).toEqual([y.data, z.data]);
  });
});
