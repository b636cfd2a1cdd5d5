import { Buffer } from "node:buffer";
import { DEFAULT_LIMITS as limits } from "../../../src/protocol/limits.ts";
import { v1Codec } from "../../../src/protocol/v1/v1-codec.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { answerText, bytes, decode, decodeAnswer, fp32, message, plain } from "./v1-messages.ts";

describe("a response", () => {
  const request = decode('{"instances":[1]}');

  test("has rows and columns, and members beside them", () => {
    const answer = decodeAnswer('{"predictions":[[0.25,0.75]],"version":"3"}');
    expect(answer.predictions).toEqual([[0.25, 0.75]]);
    expect(plain(answer.outputs)).toEqual([
      { name: "output-0", datatype: "FP64", shape: [1, 2], data: Float64Array.of(0.25, 0.75) },
    ]);
    expect(answer.members).toEqual({ version: "3" });
    expect(answerText(answer.withPredictions([1]), request)).toBe('{"version":"3","predictions":[1]}');
  });

  test("with raw bytes in a string, as TensorFlow Serving writes them, has them as b64", () => {
    const body = [Buffer.from('{"predictions":["\xff\\u0041"]}', "latin1")];
    const answer = v1Codec.decodeResponse({ headers: {}, body }, { modelName: "m", limits });
    expect(answer.predictions).toEqual([{ b64: "/0E=" }]);
    expect(answer.output().data).toEqual([Uint8Array.of(255, 65)]);
  });

  test("may have bare NaN, which goes no further as JSON", () => {
    const answer = decodeAnswer('{"predictions":[NaN,-Infinity]}');
    expect(answer.output().data).toEqual(Float64Array.of(Number.NaN, Number.NEGATIVE_INFINITY));
    expect(() => answerText(answer, request)).toThrow(
      expect.objectContaining({ status: 500, message: "answer: predictions[0]: NaN has no JSON form" }),
    );
  });

  test.each([
    ['{"error":"no"}', "expected predictions or outputs, got neither"],
    ['{"predictions":5}', "predictions must be an array, got 5"],
    ["<html>", "body is not JSON: expected a value, got '<' at byte 0"],
    ['{"predictions":[1]', "expected ',' or '}', got the end"],
  ])("%s is a bad gateway", (text, message) => {
    const answer = decodeAnswer(text);
    expect(() => answer.predictions).toThrow(
      expect.objectContaining({ status: 502, message: expect.stringContaining(message) }),
    );
  });

  test("whose rows have no columns is a bad gateway for whoever asks for columns", () => {
    const answer = decodeAnswer('{"predictions":[[1],[1,2]]}');
    expect(answer.predictions).toHaveLength(2);
    expect(() => answer.outputs).toThrow(expect.objectContaining({ status: 502 }));
  });

  test("of an explainer has members alone", () => {
    const answer = decodeAnswer('{"explanations":[[1]]}');
    expect(answer.members).toEqual({ explanations: [[1]] });
    expect(answerText(answer.withMembers({ explanations: [2] }), request)).toBe('{"explanations":[2]}');
  });

  test("of several outputs has an object for each row", () => {
    const outputs = [fp32("y", [2, 1], 0.5, 1.5), bytes("label", [2], "hat", "shoes")];
    expect(JSON.parse(answerText(request.reply({ outputs }), request))).toEqual({
      predictions: [
        { y: [0.5], label: "hat" },
        { y: [1.5], label: "shoes" },
      ],
    });
  });

  test("without a common first dimension cannot be rows", () => {
    const outputs = [fp32("y", [2], 0.5, 1.5), fp32("z", [], 1)];
    expect(() => answerText(request.reply({ outputs }), request)).toThrow(
      expect.objectContaining({ status: 500, message: expect.stringContaining("'y' [2], 'z' []") }),
    );
  });

  test("takes V2's parameters as members", () => {
    const reply = request.reply({ outputs: [fp32("y", [1], 1)], parameters: { model: "a" } });
    expect(JSON.parse(answerText(reply, request))).toEqual({ model: "a", predictions: [1] });
  });

  test("of elements that a request sent and cannot be read is the client's fault", () => {
    const broken: Tensor = {
      ...fp32("x", [1]),
      get data(): Float32Array {
        return decode('{"instances":[').inputs[0]?.data as Float32Array;
      },
    };
    expect(() => answerText(request.reply({ outputs: [broken] }), request)).toThrow(
      expect.objectContaining({ status: 400 }),
    );
  });
});

describe("an unread answer", () => {
  test.each([
    ['{"instances":[1]}', '{"predictions":[1]}', true],
    ['{"instances":[1]}', '{\n  "predictions": [1]}', true],
    ['{"inputs":[1]}', '{"predictions":[1]}', false],
    ['{"inputs":[1]}', '{"outputs":[1]}', true],
    ['{"signature_name":"s","instances":[1]}', '{"predictions":[1]}', true],
    ['{"signature_name":"s","inputs":[1]}', '{"outputs":[1]}', true],
    ['{"instances":[1]}', '{"explanations":[1]}', false],
    ['{"instances":[1]}', "", false],
  ])("to %s that begins with %s may go out: %p", (request, answer, may) => {
    expect(v1Codec.mayForwardResponse(message(answer), decode(request))).toBe(may);
  });

  test("names no model", () => {
    const answer = message('{"predictions":[1]}');
    expect(v1Codec.replaceModelName(answer, "other")).toBe(answer);
  });
});
