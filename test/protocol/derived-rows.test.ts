import { Buffer } from "node:buffer";
import { imageInstance } from "../../src/image/image-source.ts";
import { DEFAULT_LIMITS } from "../../src/protocol/limits.ts";
import { selectCodec } from "../../src/protocol/select-codec.ts";

const options = { modelName: "m", limits: { ...DEFAULT_LIMITS, maxInstances: 3 } };
const open = (wire: "v1" | "v2", body: string) =>
  selectCodec(wire).decodeRequest(
    { headers: { "content-type": "application/json" }, body: [Buffer.from(body)] },
    options,
  );
const v2 = (name: string, count: number, datatype = "FP32", value = "1") =>
  `{"inputs":[{"name":"${name}","datatype":"${datatype}","shape":[${count}],"data":[${Array(count).fill(value)}]}]}`;

const tooMany = "inputs: 4 rows are more than the limit of 3 (max_instances)";

describe("columns of a client as rows that are objects", () => {
  test("are as many as max_instances says; the columns themselves are not bound by it", () => {
    expect(open("v2", v2("x", 3)).instances).toHaveLength(3);
    const request = open("v2", v2("x", 4));
    expect(request.inputs[0]?.data).toHaveLength(4);
    expect(() => request.instances).toThrow(tooMany);
    expect(() => open("v1", '{"inputs":{"a":[1,2,3,4]}}').instances).toThrow(tooMany);
  });

  test("the same of images", () => {
    const request = open("v2", v2("image", 4, "BYTES", '"QUJD"'));
    expect(() => request.rows(imageInstance)).toThrow(tooMany);
  });

  test("bare rows, which are no objects, are not bound", () => {
    expect(open("v2", v2("input-0", 4)).instances).toEqual([1, 1, 1, 1]);
  });
});

test("a request has at most 10,000 parameters", () => {
  const some = (count: number) => Array.from({ length: count }, (_, i) => `"p${i}":1`).join();
  const withParameters = (count: number) => `{"parameters":{${some(count)}},${v2("x", 1).slice(1)}`;
  expect(Object.keys(open("v2", withParameters(10_000)).parameters)).toHaveLength(10_000);
  expect(() => open("v2", withParameters(10_001)).parameters).toThrow("parameters has more than 10000 members");
});
