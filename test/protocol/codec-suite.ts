import { Buffer } from "node:buffer";
import fc from "fast-check";
import { InferenceError } from "../../src/errors.ts";
import type { WireMessage } from "../../src/inference/content.ts";
import { InferRequest } from "../../src/inference/infer-request.ts";
import { TensorValues } from "../../src/inference/row-and-tensor-values.ts";
import type { Codec, EncodeRequestOptions } from "../../src/protocol/codec.ts";
import { DEFAULT_LIMITS as limits } from "../../src/protocol/limits.ts";
import { DATATYPES, type Datatype } from "../../src/tensor/datatype.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { sampleTensor } from "./sample-tensors.ts";

export interface CodecSuite {
  readonly codec: Codec;
  readonly encoding?: EncodeRequestOptions;
  /** False for shapes that the form has no way to write. */
  readonly carries?: (shape: readonly number[]) => boolean;
  /** Headers of a body of this form, for bodies that are nonsense. */
  readonly headers: Readonly<Record<string, string>>;
  /** True where elements travel as bits, NaN and infinity as well. */
  readonly bits: boolean;
}

const SHAPES: readonly (readonly number[])[] = [[], [0], [1], [3], [2, 0, 3], [2, 3, 4]];
const names = Object.keys(DATATYPES) as Datatype[];
const modelName = "m";

/** What every codec has to do, whatever its wire form. */
export function testCodec({ codec, encoding = {}, carries = () => true, headers, bits }: CodecSuite): void {
  const specs = (tensors: readonly Tensor[]) =>
    tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(() => -1) }));

  const requestOf = (tensors: readonly Tensor[], id?: string) => {
    const values = new TensorValues(tensors, "input");
    const content = { parameters: {}, members: {}, values, ...(id === undefined ? {} : { id }) };
    return new InferRequest({ modelName, content });
  };
  const overTheWire = (tensors: readonly Tensor[], id?: string) => {
    const message = copy(codec.encodeRequest(requestOf(tensors, id), encoding));
    return codec.decodeRequest(message, { modelName, limits, inputs: specs(tensors) });
  };
  const answerOverTheWire = (tensors: readonly Tensor[]) => {
    const request = overTheWire(tensors);
    const message = copy(codec.encodeResponse(request.reply({ outputs: tensors }), { request }));
    return codec.decodeResponse(message, { modelName, limits, outputs: specs(tensors) });
  };

  const samples = SHAPES.filter(carries).flatMap((shape) =>
    names.map((datatype) => [`${datatype} [${shape}]`, sampleTensor(datatype, shape)] as const),
  );
  test.each(samples)("a request carries %s", (_, tensor) => {
    expect(overTheWire([tensor]).inputs.map(plain)).toEqual([tensor]);
  });
  test.each(samples)("a response carries %s", (_, tensor) => {
    expect(answerOverTheWire([tensor]).outputs.map(plain)).toEqual([tensor]);
  });

  test("several tensors keep their names and their order", () => {
    const tensors = [
      sampleTensor("INT64", [2, 3], "b"),
      sampleTensor("BYTES", [2], "a"),
      sampleTensor("FP16", [2, 1], "c"),
    ];
    expect(overTheWire(tensors).inputs.map(plain)).toEqual(tensors);
    expect(answerOverTheWire(tensors).outputs.map(plain)).toEqual(tensors);
  });

  test("a request is read when asked for, once", () => {
    const request = overTheWire([sampleTensor("FP32", [3])]);
    expect(request.source?.isRead).toBe(false);
    expect(request.inputs).toBe(request.inputs);
    expect(request.source?.isRead).toBe(true);
  });

  test("a nonsense request is the client's fault, a nonsense answer the predictor's", () => {
    const message = { headers, body: [Buffer.from("nonsense")] };
    const request = codec.decodeRequest(message, { modelName, limits });
    expect(() => request.inputs).toThrow(expect.objectContaining({ status: 400 }));
    const response = codec.decodeResponse(message, { modelName, limits });
    expect(() => response.outputs).toThrow(expect.objectContaining({ status: 502 }));
  });

  test("an error is encoded in its own words", () => {
    const said = codec.encodeError(new InferenceError("no such hat", { code: "not_found" }), "request-1");
    expect(`${JSON.stringify(said.headers)} ${Buffer.concat(said.body)}`).toContain("no such hat");
  });

  test("any tensors come back as they went", () => {
    fc.assert(
      fc.property(anyTensors(bits), (tensors) => {
        expect(overTheWire(tensors).inputs.map(plain)).toEqual(tensors);
        expect(answerOverTheWire(tensors).outputs.map(plain)).toEqual(tensors);
      }),
      { numRuns: 60 },
    );
  });

  test("any bytes give an InferenceError or content, never another error", () => {
    const body = fc.oneof(fc.uint8Array({ maxLength: 60 }), damagedBody(codec, requestOf, encoding));
    fc.assert(
      fc.property(body, fc.constantFrom("strict", "none"), (bytes, kind) => {
        const message = { headers: kind === "none" ? {} : headers, body: [bytes] };
        const request = codec.decodeRequest(message, { modelName, limits });
        const response = codec.decodeResponse(message, { modelName, limits });
        for (const read of [
          () => request.inputs.map(({ data }) => data),
          () => request.instances,
          () => response.outputs.map(({ data }) => data),
          () => response.predictions,
        ]) {
          expect(failureOf(read)).toEqual(undefined);
        }
      }),
      { numRuns: 300 },
    );
  });
}

/** A message of other memory, in small chunks that cut through everything. */
function copy({ headers, body }: WireMessage): WireMessage {
  const whole = Buffer.concat(body);
  const cut = Math.floor(whole.length / 3);
  return { headers, body: [whole.subarray(0, cut), whole.subarray(cut, cut + 5), whole.subarray(cut + 5)] };
}

function plain({ name, datatype, shape, data }: Tensor): Tensor {
  return { name, datatype, shape, data };
}

function failureOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    if (!InferenceError.isInstance(error)) return error;
  }
  return undefined;
}

/** One to three tensors of a common first dimension, which every form can write. */
function anyTensors(bits: boolean): fc.Arbitrary<Tensor[]> {
  const layout = fc.record({
    rows: fc.integer({ min: 1, max: 4 }),
    tensors: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom("x", "INPUT__0", "grüße 🌍", '"\\\n', "toString", "b64"),
        datatype: fc.constantFrom(...names),
        rest: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
      }),
      { minLength: 1, maxLength: 3, selector: ({ name }) => name },
    ),
  });
  return layout.chain(({ rows, tensors }) =>
    fc.tuple(...tensors.map(({ name, datatype, rest }) => anyTensor(name, datatype, [rows, ...rest], bits))),
  );
}

function anyTensor(name: string, datatype: Datatype, shape: readonly number[], bits: boolean): fc.Arbitrary<Tensor> {
  const length = shape.reduce((product, size) => product * size, 1);
  const size = { minLength: length, maxLength: length };
  const { bytes, kind } = DATATYPES[datatype];
  if (kind === "bytes") {
    const element = bits
      ? fc.uint8Array({ maxLength: 12 })
      : fc.string({ unit: "binary" }).map((text) => new TextEncoder().encode(text));
    return fc.array(element, size).map((data): Tensor => ({ name, datatype, shape, data }));
  }
  return fc.uint8Array({ minLength: length * bytes, maxLength: length * bytes }).map((raw): Tensor => {
    const data = DATATYPES[datatype].view?.(raw.buffer, 0, length) ?? raw;
    if (kind === "bool")
      raw.forEach((value, i) => {
        raw[i] = value & 1;
      });
    if (!bits) makeFinite(data as Uint16Array | Float64Array, kind);
    return { name, datatype, shape, data } as Tensor;
  });
}

function makeFinite(data: Uint16Array | Float64Array, kind: string): void {
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (kind === "float" && !Number.isFinite(value)) data[i] = 1.5;
    // The exponents of all ones, of FP16 and of BF16.
    if (kind === "float16" && ((value & 0x7c00) === 0x7c00 || (value & 0x7f80) === 0x7f80)) data[i] = 0x3c00;
  }
}

/** A body that was right before some of its bytes were changed, or its end lost. */
function damagedBody(
  codec: Codec,
  requestOf: (tensors: readonly Tensor[]) => InferRequest,
  encoding: EncodeRequestOptions,
): fc.Arbitrary<Uint8Array> {
  const good = Buffer.concat(
    codec.encodeRequest(requestOf([sampleTensor("INT64", [2, 3], "a"), sampleTensor("BYTES", [2], "b")]), encoding)
      .body,
  );
  const change = fc.tuple(
    fc.nat(good.length - 1),
    fc.oneof(fc.nat(255), fc.constantFrom(0x5b, 0x5d, 0x7b, 0x7d, 0x22, 0x2c, 0x5c)),
  );
  return fc.tuple(fc.array(change, { minLength: 1, maxLength: 3 }), fc.nat(good.length)).map(([changes, end]) => {
    const bytes = Uint8Array.from(good);
    for (const [at, value] of changes) bytes[at] = value;
    return end % 2 === 0 ? bytes : bytes.subarray(0, end);
  });
}
