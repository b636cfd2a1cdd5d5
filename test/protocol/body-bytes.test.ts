import { Buffer } from "node:buffer";
import fc from "fast-check";
import { joinChunks, jsonBody, sliceChunks } from "../../src/protocol/body-bytes.ts";
import { byteLength } from "../../src/tensor/join-parts.ts";

test("any part of the chunks is what it is of them joined", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 6 })), fc.nat(30), fc.nat(30), (chunks, a, b) => {
      const whole = Buffer.concat(chunks);
      const start = Math.min(a, b, whole.length);
      const end = Math.min(Math.max(a, b), whole.length);
      expect(sliceChunks(chunks, start, end)).toEqual(new Uint8Array(whole.subarray(start, end)));
      expect(byteLength(chunks)).toBe(whole.length);
      expect(joinChunks(chunks).equals(whole)).toBe(true);
    }),
  );
});

test("a part that one chunk holds is a view, one of two chunks a copy that suits every datatype", () => {
  const chunks = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6, 7)];
  expect(sliceChunks(chunks, 4, 6).buffer).toBe(chunks[1]?.buffer);
  expect(sliceChunks(chunks, 1, 5).byteOffset % 8).toBe(0);
});

const json = '{"instances":[]}';
const read = (type: string | undefined, text = json) =>
  jsonBody({ headers: type === undefined ? {} : { "content-type": type }, body: [Buffer.from(text)] }).toString();

test.each([
  undefined,
  "application/json",
  "application/json; charset=utf-8",
  "application/json;charset=US-ASCII",
  "text/plain",
  "application/x-www-form-urlencoded",
  "application/json, application/octet-stream",
])("a JSON object under Content-Type %p is JSON", (type) => {
  expect(read(type)).toBe(json);
});

test.each([
  ["image/png", "\u0089PNG", "expected a JSON object, got image/png"],
  ["application/octet-stream", "[1]", "expected a JSON object, got application/octet-stream"],
  ["application/json; charset=utf-16", json, "expected JSON in UTF-8, got charset utf-16"],
])("Content-Type %p with %p is not supported", (type, text, message) => {
  expect(() => read(type, text)).toThrow(expect.objectContaining({ status: 415, message }));
});
