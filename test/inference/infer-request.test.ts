import { z } from "zod";
import { InferRequest } from "../../src/inference/infer-request.ts";
import { RowValues, TensorValues } from "../../src/inference/row-and-tensor-values.ts";
import type { JsonValue } from "../../src/tensor/json-value.ts";
import { createTensor } from "../../src/tensor/tensor.ts";

const text = (value: string) => new TextEncoder().encode(value);

function fromRows(rows: readonly JsonValue[], id?: string): InferRequest {
  const content = {
    parameters: {},
    members: {},
    values: new RowValues(rows, "input"),
    ...(id === undefined ? {} : { id }),
  };
  return new InferRequest({ modelName: "m", content });
}

function fromTensors(...tensors: Parameters<typeof createTensor>[]): InferRequest {
  const values = new TensorValues(
    tensors.map((each) => createTensor(...each)),
    "input",
  );
  return new InferRequest({ modelName: "m", content: { parameters: {}, members: {}, values } });
}

const record = z.object({ url: z.url() });

describe("request.rows(schema)", () => {
  test("gives each row as the schema gives it back", () => {
    expect(fromRows([{ url: "http://a/", other: 1 }]).rows(record)).toEqual([{ url: "http://a/" }]);
  });

  test("names the place in V1's form", () => {
    expect(() => fromRows([{ url: "http://a/" }, { url: 5 }]).rows(record)).toThrow(/^instances\[1\]\.url: /);
  });

  test("names the place in V2's form", () => {
    const request = fromTensors(["url", "BYTES", [2], [text("http://a/"), text("nonsense")]]);
    expect(() => request.rows(record)).toThrow(/^inputs\.url\[1\]: /);
  });

  test("reads the same rows from V2's columns", () => {
    expect(fromTensors(["url", "BYTES", [1], [text("http://a/")]]).rows(record)).toEqual([{ url: "http://a/" }]);
    expect(fromTensors(["url", "BYTES", [1, 1], [text("http://a/")]]).rows(record)).toEqual([{ url: "http://a/" }]);
  });

  test("a nameless column of text satisfies a schema of one field", () => {
    expect(fromTensors(["input-0", "BYTES", [1], [text("http://a/")]]).rows(record)).toEqual([{ url: "http://a/" }]);
  });

  test("a schema that validates asynchronously is a mistake of the hook, not of the client", () => {
    const later = z.object({ url: z.string().refine(async () => true) });
    expect(() => fromRows([{ url: "http://a/" }]).rows(later)).toThrow("synchronous");
  });
});

describe("request.input()", () => {
  const request = fromTensors(["a", "FP32", [1], new Float32Array([1])], ["b", "INT64", [1], new BigInt64Array([2n])]);

  test("narrows by name and datatype", () => {
    expect(request.input("b", "INT64").data[0]).toBe(2n);
  });

  test.each([
    ["c", undefined, "expected input 'c', got inputs: 'a', 'b'"],
    [undefined, undefined, "expected one input, got 2: 'a', 'b'"],
    ["a", "FP64" as const, "input 'a': expected datatype FP64, got FP32"],
  ])("refuses name %s as %s", (name, datatype, message) => {
    expect(() => request.input(name, datatype)).toThrow(message);
  });
});

describe("values", () => {
  test("a change makes a new request and leaves the old one as it is", () => {
    const first = fromRows([1, 2]);
    const second = first.withInstances([3]);
    expect([first.instances, second.instances]).toEqual([[1, 2], [3]]);
  });

  test("equal content has an equal digest, whatever its id; other content another one", () => {
    const rows = [{ b: 1, a: "x" }];
    expect(fromRows(rows, "one").digest()).toBe(fromRows([{ a: "x", b: 1 }], "two").digest());
    expect(fromRows(rows).digest()).not.toBe(fromRows([{ b: 2, a: "x" }]).digest());
    expect(fromRows(rows).digest()).not.toBe(fromRows(rows).withParameters({ k: 1 }).digest());
  });

  test("BYTES of other boundaries have another digest", () => {
    const one = fromTensors(["t", "BYTES", [2], [text("ab"), text("c")]]);
    const two = fromTensors(["t", "BYTES", [2], [text("a"), text("bc")]]);
    expect(one.digest()).not.toBe(two.digest());
  });

  test("withInstances: expected an array of rows", () => {
    expect(() => fromRows([1]).withInstances("x" as never)).toThrow("withInstances: expected an array of rows");
  });
});
