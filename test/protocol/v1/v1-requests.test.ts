import type { InferRequest } from "../../../src/inference/infer-request.ts";
import { DEFAULT_LIMITS as limits } from "../../../src/protocol/limits.ts";
import { v1Codec } from "../../../src/protocol/v1/v1-codec.ts";
import type { Tensor, TensorSpec } from "../../../src/tensor/tensor.ts";
import { bodyText } from "../recordings.ts";
import { answerText, bytes, decode, decodeAnswer, fp32, plain, requestOf } from "./v1-messages.ts";

describe("a request in rows", () => {
  test("has its rows as they came, and other members beside them", () => {
    const request = decode('{"signature_name":"s","instances":[{"url":"u"},[1,9007199254740993]],"top":{"k":[1]}}');
    expect(request.instances).toEqual([{ url: "u" }, [1, 9007199254740993n]]);
    expect(request.members).toEqual({ signature_name: "s", top: { k: [1] } });
    expect(request.id).toBeUndefined();
  });

  test("of numbers is one FP64 tensor, read without the rows", () => {
    const request = decode('{"instances":[[1,2.5],[3,-4e1]]}');
    expect(plain(request.inputs)).toEqual([
      { name: "input-0", datatype: "FP64", shape: [2, 2], data: Float64Array.of(1, 2.5, 3, -40) },
    ]);
  });

  test("takes names and datatypes from the declaration", () => {
    const spec: TensorSpec = { name: "ids", datatype: "INT64", shape: [-1, 1] };
    const [input] = decode('{"instances":[9007199254740993,-1]}', { inputs: [spec] }).inputs;
    expect(input).toMatchObject({ name: "ids", shape: [2, 1], data: BigInt64Array.of(9007199254740993n, -1n) });
  });

  test("without a declaration an integer beyond 2^53 is refused by its row", () => {
    const request = decode('{"instances":[1,9007199254740993]}');
    expect(() => request.inputs).toThrow(/^instances\[1\]: expected a number \(integers beyond 2\^53/);
  });

  test.each([
    ['{"instances":[[1,2],[3]]}', "instances[1]: expected an array of 2 values"],
    ['{"instances":[1,null]}', "instances[1]: expected a number"],
    ['{"instances":[[1],["a"]]}', "instances[1][0]: expected a number"],
    ['{"instances":[{"a":1},{"b":1}]}', "instances[1].a: missing"],
  ])("%s has no columns, and says which row", (text, message) => {
    const request = decode(text);
    expect(() => request.inputs).toThrow(
      expect.objectContaining({ status: 400, message: expect.stringContaining(message) }),
    );
  });

  test("beyond the limit of instances is refused in either view", () => {
    const bounded = { limits: { ...limits, maxInstances: 2 } };
    for (const text of ['{"instances":[1,2,3]}', '{"instances":["a","b","c"]}']) {
      expect(() => decode(text, bounded).instances).toThrow("instances: 3 rows are more than the limit of 2");
      expect(() => decode(text, bounded).inputs).toThrow("instances: 3 rows are more than the limit of 2");
    }
    expect(decode('{"instances":[1,2]}', bounded).instances).toEqual([1, 2]);
  });

  test.each([
    ['{"instances":1}', "instances must be an array, got 1"],
    ['{"instances":{"a":1}}', "instances must be an array, got an object"],
    ['{"instances":[],"inputs":[]}', "expected one of instances, inputs, got instances and inputs"],
    ['{"instances":[1],"instances":[2]}', 'the key "instances" comes twice'],
    ['{"predictions":[1]}', "expected instances or inputs, got neither"],
    ["[1]", "body must be an object, got an array"],
    ['{"instances":[1,}', "expected ',' or '}'"],
    ['{"instances":[1', "expected ']', got the end at byte 15"],
  ])("%s is refused", (text, message) => {
    const request = decode(text);
    expect(() => request.instances).toThrow(
      expect.objectContaining({ status: 400, message: expect.stringContaining(message) }),
    );
  });

  test("without either key can still be read for its members", () => {
    const request = decode('{"text":"hello"}');
    expect(request.members).toEqual({ text: "hello" });
    expect(bodyText(v1Codec.encodeRequest(request.withMembers({ text: "HELLO" }), {}))).toBe('{"text":"HELLO"}');
  });
});

describe("a request in columns", () => {
  test("has a tensor for each name, of numbers, text, bytes and scalars", () => {
    const request = decode('{"inputs":{"x":[[1,2]],"s":["a","é"],"b":[{"b64":"/w=="}],"k":3}}');
    expect(plain(request.inputs)).toEqual([
      { name: "x", datatype: "FP64", shape: [1, 2], data: Float64Array.of(1, 2) },
      { name: "s", datatype: "BYTES", shape: [2], data: [Uint8Array.of(97), Uint8Array.of(0xc3, 0xa9)] },
      { name: "b", datatype: "BYTES", shape: [1], data: [Uint8Array.of(255)] },
      { name: "k", datatype: "FP64", shape: [], data: Float64Array.of(3) },
    ]);
  });

  test("may be one tensor without a name", () => {
    expect(plain(decode('{"inputs":[[1],[2]]}').inputs)).toEqual([
      { name: "input-0", datatype: "FP64", shape: [2, 1], data: Float64Array.of(1, 2) },
    ]);
    expect(plain(decode('{"inputs":{"b64":"/w=="}}').inputs)).toEqual([
      { name: "input-0", datatype: "BYTES", shape: [], data: [Uint8Array.of(255)] },
    ]);
  });

  test("has rows keyed by name, and says faults in its own words", () => {
    expect(decode('{"inputs":{"x":[1,2],"s":["a","b"]}}').instances).toEqual([
      { x: 1, s: "a" },
      { x: 2, s: "b" },
    ]);
    expect(() => decode('{"inputs":{"x":[1,null]}}').inputs).toThrow(/^inputs\.x\[1\]: expected a number/);
    expect(() => decode('{"inputs":{"x":[1],"x":[2]}}').inputs).toThrow('the key "x" comes twice in inputs');
  });

  test("is answered with outputs: bare for one, an object for several", () => {
    const request = decode('{"inputs":{"x":[1,2]}}');
    expect(answerText(request.reply({ outputs: [fp32("y", [2], 0.5, 1)] }), request)).toMatch(
      /^\{"outputs":\[0\.5,1(\.0)?\]\}$/,
    );
    const several = request.reply({ outputs: [fp32("y", [1], 0.5), bytes("z", [2], "a", "b")] });
    expect(JSON.parse(answerText(several, request))).toEqual({ outputs: { y: [0.5], z: ["a", "b"] } });
    expect(answerText(request.reply({ predictions: [{ hat: 1 }] }), request)).toBe('{"outputs":[{"hat":1}]}');
  });

  test("is answered with columns when a predictor answers with rows of several outputs", () => {
    const request = decode('{"inputs":{"x":[1,2]}}');
    const answer = decodeAnswer('{"predictions":[{"y":1,"z":"a"},{"y":2,"z":"b"}]}');
    expect(JSON.parse(answerText(answer, request))).toEqual({ outputs: { y: [1, 2], z: ["a", "b"] } });
  });

  test("counts its tensors against the limit", () => {
    const bounded = { limits: { ...limits, maxTensors: 1 } };
    expect(() => decode('{"inputs":{"x":[1],"y":[2]}}', bounded).inputs).toThrow(
      "inputs: more than the limit of 1 tensors",
    );
  });
});

describe("another step's answer", () => {
  test("is input where chaining is on, and only there", () => {
    const text = '{"predictions":[[1,2]],"outcome":"x"}';
    const request = decode(text, { chaining: true });
    expect(request.instances).toEqual([[1, 2]]);
    expect(bodyText(v1Codec.encodeRequest(request, {}))).toBe('{"outcome":"x","instances":[[1,2]]}');
    expect(decode('{"outputs":{"y":[3]}}', { chaining: true }).input("y").data).toEqual(Float64Array.of(3));
    expect(() => decode(text).instances).toThrow("expected instances or inputs");
  });
});

describe("a request for a predictor", () => {
  const one = requestOf([fp32("image", [2, 2], 1.5, 2, -3, 4)]);
  const several = requestOf([fp32("a", [2, 1], 1.5, 2.5), bytes("s", [2], 'x"', "\xff")]);
  const uneven = requestOf([fp32("a", [2], 1.5, 2.5), fp32("b", [1], 3.5)]);
  const written = (request: InferRequest, v1Form: "auto" | "rows" | "columns" = "auto") =>
    JSON.parse(bodyText(v1Codec.encodeRequest(request, { v1Form })));

  test("of one tensor has bare rows", () => {
    expect(written(one)).toEqual({
      instances: [
        [1.5, 2],
        [-3, 4],
      ],
    });
    expect(written(one, "columns")).toEqual({
      inputs: {
        image: [
          [1.5, 2],
          [-3, 4],
        ],
      },
    });
  });

  test("of several has an object for each row, bytes as b64 where they are not UTF-8", () => {
    expect(written(several)).toEqual({
      instances: [
        { a: [1.5], s: 'x"' },
        { a: [2.5], s: { b64: "/w==" } },
      ],
    });
  });

  test("without a common first dimension has columns, unless rows are demanded", () => {
    expect(written(uneven)).toEqual({ inputs: { a: [1.5, 2.5], b: [3.5] } });
    expect(written(requestOf([fp32("a", [], 1.5)]))).toEqual({ inputs: { a: 1.5 } });
    expect(() => written(uneven, "rows")).toThrow(
      "inputs have no common first dimension and so no rows: 'a' [2], 'b' [1]",
    );
  });

  test("that nothing changed has the bytes of the client", () => {
    const text = '{ "instances": [1.0, 1e2, "\\u00e9"] }';
    const request = decode(text);
    expect(request.instances).toEqual([1, 100, "é"]);
    expect(bodyText(v1Codec.encodeRequest(request, {}))).toBe(text);
    expect(written(decode('{"instances":[1,2]}'), "columns")).toEqual({ inputs: [1, 2] });
  });

  test("takes parameters as members, where they have a place", () => {
    expect(written(requestOf([fp32("x", [1], 0.5)], { signature_name: "s", top: 3n }))).toEqual({
      signature_name: "s",
      top: 3,
      instances: [0.5],
    });
    const taken = requestOf([fp32("x", [1], 0.5)], { instances: 1 });
    expect(() => written(taken)).toThrow(
      expect.objectContaining({ status: 400, message: expect.stringContaining("'instances'") }),
    );
    const ofTensor = requestOf([{ ...fp32("x", [1], 0.5), parameters: { content_type: "np" } }]);
    expect(() => written(ofTensor)).toThrow("input 'x': its parameter 'content_type' has no place in V1");
  });

  test("never says NaN", () => {
    expect(() => written(requestOf([fp32("x", [2], 1, Number.NaN)]))).toThrow(expect.objectContaining({ status: 400 }));
    expect(() => written(one.withInstances([Number.NaN]))).toThrow("instances[0]: NaN has no JSON form");
  });

  test("keeps 64-bit integers", () => {
    const ids: Tensor = { name: "id", datatype: "UINT64", shape: [1], data: BigUint64Array.of(18446744073709551615n) };
    expect(bodyText(v1Codec.encodeRequest(requestOf([ids]), {}))).toBe('{"instances":[18446744073709551615]}');
  });
});
