import { Buffer } from "node:buffer";
import { InferenceError, type InferenceErrorOptions } from "../../src/errors.ts";
import { encodeErrorBody } from "../../src/protocol/error-body.ts";

const encode = (message: string, options: InferenceErrorOptions) => {
  const { headers, body } = encodeErrorBody(new InferenceError(message, options), "r-1");
  return { headers, text: Buffer.concat(body).toString() };
};

test.each([
  [{ code: "invalid_argument" }, "application/json", '{"error":"oh","code":"invalid_argument","request_id":"r-1"}'],
  [{ code: "internal" }, "application/json", '{"error":"oh","code":"internal","request_id":"r-1"}'],
  [{ status: 422, body: { detail: 1 } }, "application/json", '{"detail":1}'],
  [{ status: 503, body: "later" }, "text/plain; charset=utf-8", "later"],
  [{ status: 429, body: Buffer.from("{}"), headers: { "content-type": "x/y" } }, "x/y", "{}"],
] as const)("%j is written as %s %s", (options, type, text) => {
  expect(encode("oh", options)).toEqual({ headers: { "content-type": type }, text });
});

test("an error's own headers go along", () => {
  expect(encode("oh", { code: "unavailable", headers: { "retry-after": "3" } }).headers).toEqual({
    "content-type": "application/json",
    "retry-after": "3",
  });
});
