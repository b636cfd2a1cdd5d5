import { Buffer } from "node:buffer";
import type { WireMessage } from "../../src/inference/content.ts";
import { assertForwardable, checkRequest } from "../../src/protocol/check-request.ts";
import { DEFAULT_LIMITS as limits } from "../../src/protocol/limits.ts";

const json = (text: string): WireMessage => ({
  headers: { "content-type": "application/json" },
  body: [Buffer.from(text)],
});
const binary = (inputs: unknown[], bytes: number): WireMessage => {
  const head = JSON.stringify({ inputs });
  return {
    headers: { "inference-header-content-length": String(head.length) },
    body: [Buffer.from(head), Buffer.alloc(bytes)],
  };
};
const x = { name: "x", shape: [2], datatype: "FP32", parameters: { binary_data_size: 8 } };

test("unread bytes are forwarded but for binary ones that do not add up", () => {
  expect(() => assertForwardable("v1", json("nonsense"), limits)).not.toThrow();
  expect(() => assertForwardable("v2", json('{"inputs":[{"shape":[1e12]}]}'), limits)).not.toThrow();
  expect(() => assertForwardable("v2", binary([x], 8), limits)).not.toThrow();
  expect(() => assertForwardable("v2", binary([x], 7), limits)).toThrow(
    "tensor 'x': expected 8 bytes of binary data, got 7",
  );
  expect(() => assertForwardable("v2", binary([{ ...x, shape: [1e15] }], 8), limits)).toThrow("tensor 'x'");
});

test("the BYTES of unread binary are left to the full check", () => {
  const message = binary([{ ...x, datatype: "BYTES", shape: [1] }], 8);
  expect(() => assertForwardable("v2", message, limits)).not.toThrow();
  expect(() => checkRequest("v2", message, limits)).toThrow("tensor 'x': expected 1 BYTES elements, got 2");
});

test.each([
  ["v1", '{"instances":[1,2]}'],
  ["v1", '{"inputs":{"a":[1],"b":["c"]}}'],
  ["v2", '{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}'],
] as const)("a good %s body passes the full check", (wire, text) => {
  expect(() => checkRequest(wire, json(text), limits)).not.toThrow();
});

test.each([
  ["v1", '{"instances":[1,2}'],
  ["v1", '{"instances":[[1,2],3'],
  ["v1", '{"inputs":{"a":[1,oops]}}'],
  ["v1", "{}"],
  ["v1", `{"instances":${"[".repeat(100)}${"]".repeat(100)}}`],
  ["v2", '{"inputs":[{"name":"x","shape":[2],"datatype":"FP32","data":[1]}]}'],
  ["v2", '{"inputs":[{"name":"x","shape":[1],"datatype":"BYTES","data":["\\ud800"]}]}'],
] as const)("the full check refuses %s %s", (wire, text) => {
  expect(() => checkRequest(wire, json(text), limits)).toThrow(expect.objectContaining({ status: 400 }));
});
