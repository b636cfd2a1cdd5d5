import { Buffer } from "node:buffer";
import type { InferRequest } from "../../../src/inference/infer-request.ts";
import type { InferResponse } from "../../../src/inference/infer-response.ts";
import { DEFAULT_LIMITS as limits } from "../../../src/protocol/limits.ts";
import { v1Codec } from "../../../src/protocol/v1/v1-codec.ts";
import { v2Codec } from "../../../src/protocol/v2/v2-codec.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { bodyText, splitBinary } from "../recordings.ts";
import { answer, decode, decodeAnswer, json, x, y, z } from "./v2-messages.ts";

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
    const headers = { "content-type": "application/octet-stream" };
    expect(bodyText(v2Codec.replaceModelName({ ...json(text), headers }, "i"))).toBe(text.replace("inner", "i"));
  });

  test("has another model name before its binary data", () => {
    const asked = decode({ inputs: [x], parameters: { binary_data_output: true } });
    const message = v2Codec.replaceModelName(answer(asked.reply({ outputs: [y, z] }), asked), "a longer name");
    const response = v2Codec.decodeResponse(message, { modelName: "m", limits });
    expect(response.content.modelName).toBe("a longer name");
    expect(response.outputs.map(({ data }) => data)).toEqual([y.data, z.data]);
  });
});
