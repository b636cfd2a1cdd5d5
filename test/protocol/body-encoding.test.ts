import { Buffer } from "node:buffer";
import { deflateSync, gzipSync } from "node:zlib";
import { decodeBody, readContentEncoding } from "../../src/protocol/body-encoding.ts";

const text = "grüße ".repeat(1000);
const decode = async (body: Uint8Array, encoding: string | undefined, maxBytes = 1e6, signal?: AbortSignal) => {
  const cut = [body.subarray(0, 5), body.subarray(5)];
  return Buffer.concat(await decodeBody(cut, encoding, maxBytes, signal)).toString();
};

test.each([
  ["gzip", gzipSync(text)],
  ["x-gzip", gzipSync(text)],
  [" GZIP ", gzipSync(text)],
  ["deflate", deflateSync(text)],
  ["identity", Buffer.from(text)],
  [undefined, Buffer.from(text)],
])("a body under Content-Encoding %p is its text", async (encoding, body) => {
  expect(await decode(body, encoding)).toBe(text);
});

test.each(["br", "gzip, gzip", "zstd"])(
  "Content-Encoding %s is not supported, and the response says what is",
  (encoding) => {
    expect(() => readContentEncoding(encoding)).toThrow(
      expect.objectContaining({ status: 415, headers: { "accept-encoding": "gzip, deflate" } }),
    );
  },
);

test("the limit counts decompressed bytes and is named", async () => {
  const length = Buffer.byteLength(text);
  const tooLarge = {
    status: 413,
    message: `body is larger than the limit of ${length - 1} bytes after decompression (max_body_bytes)`,
  };
  expect(await decode(gzipSync(text), "gzip", length)).toBe(text);
  await expect(decode(gzipSync(text), "gzip", length - 1)).rejects.toMatchObject(tooLarge);
  await expect(decode(Buffer.from(text), undefined, length - 1)).rejects.toMatchObject({ status: 413 });
});

test("a bomb is left where it passes the limit", async () => {
  const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024));
  const before = process.memoryUsage().rss;
  await expect(decode(bomb, "gzip", 1024 * 1024)).rejects.toMatchObject({ status: 413 });
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
});

test.each([
  ["truncated", gzipSync(text).subarray(0, 40)],
  ["damaged", Buffer.from("no gzip at all")],
  ["empty", Buffer.alloc(0)],
])("a %s body is a 400", async (_, body) => {
  await expect(decode(body, "gzip")).rejects.toMatchObject({
    status: 400,
    message: "body is not gzip, as Content-Encoding says",
  });
});

test("an aborted signal ends the decompression", async () => {
  await expect(decode(gzipSync(text), "gzip", 1e6, AbortSignal.abort())).rejects.toMatchObject({ code: "cancelled" });
});
