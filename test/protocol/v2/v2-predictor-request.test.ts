import type { EncodeRequestOptions } from "../../../src/protocol/codec.ts";
import { DEFAULT_LIMITS as limits } from "../../../src/protocol/limits.ts";
import { v1Codec } from "../../../src/protocol/v1/v1-codec.ts";
import { v2Codec } from "../../../src/protocol/v2/v2-codec.ts";
import { LookupTensor } from "../../../src/tensor/lookup-tensor.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { bodyText, splitBinary } from "../recordings.ts";
import { decode, encode, json, requestOf, x, y, z } from "./v2-messages.ts";

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
