import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { createTensor } from "../../../src/tensor/tensor.ts";
import { createRawHarness } from "../raw-harness.ts";
import { inferenceErrorOf, tensorsRequest } from "../requests.ts";

const { start } = createRawHarness();

type Headers = readonly (readonly [string, string])[];

const BINARY = ["content-type", "application/octet-stream"] as const;
const LENGTH = "inference-header-content-length";
const x = createTensor("x", "FP32", [1], Float32Array.of(1));

/** Outputs as they stand in a response's JSON. */
const outputs = (...entries: readonly string[]): string => `{"outputs":[${entries.join(",")}]}`;
const output = (more: string, { name = "y", datatype = "FP32", shape = "[2]" } = {}): string =>
  `{"name":"${name}","datatype":"${datatype}","shape":${shape}${more}}`;
const sized = (size: number | string): string => `,"parameters":{"binary_data_size":${size}}`;
const whole = output(',"data":[1,2]');

const FLOATS = Buffer.from(Float32Array.of(1, 2).buffer);
const framed = (json: string, blob: Uint8Array = FLOATS, length: number | string = Buffer.byteLength(json)) =>
  [[BINARY, [LENGTH, String(length)]], Buffer.concat([Buffer.from(json), blob])] as const;
const frames = (...texts: readonly [number, string][]): Buffer =>
  Buffer.concat(
    texts.flatMap(([length, text]) => {
      const head = Buffer.alloc(4);
      head.writeUInt32LE(length);
      return [head, Buffer.from(text)];
    }),
  );
const strings = (blob: Buffer, shape = "[1]") =>
  framed(outputs(output(sized(blob.length), { datatype: "BYTES", shape })), blob);

const good = outputs(output(sized(8)));
const VALUE = "expected a whole number from 0 to the";

/** What a predictor answers with status 200, and what its 502 says. */
const MALFORMED: readonly [string, readonly [Headers, Uint8Array | string], string][] = [
  ["a length that is negative", framed(good, FLOATS, -1), VALUE],
  ["a length that is no number", framed(good, FLOATS, "NaN"), VALUE],
  ["a length that is empty", framed(good, FLOATS, ""), VALUE],
  ["a length with a point", framed(good, FLOATS, "10.0"), VALUE],
  ["a length beyond the body", framed(good, FLOATS, good.length + 9), VALUE],
  ["a length of more than 64 bits", framed(good, FLOATS, "9".repeat(30)), VALUE],
  ["a length that comes twice", [[BINARY, [LENGTH, "1"], [LENGTH, "1"]], good], VALUE],
  ["a length that ends inside the JSON", framed(good, FLOATS, good.length - 1), "is not JSON"],
  ["a length that ends behind the JSON", framed(good, FLOATS, good.length + 1), "expected the end"],
  ["a length of nothing", framed(good, FLOATS, 0), "expected an object"],
  ["no length", [[BINARY], FLOATS], "expected the header Inference-Header-Content-Length"],
  ["a size that is too large", framed(outputs(output(sized(12)))), "takes 8 bytes, got binary_data_size 12"],
  ["a size that is too small", framed(outputs(output(sized(4)))), "takes 8 bytes, got binary_data_size 4"],
  ["a size that is negative", framed(outputs(output(sized(-8)))), "must be a whole number of bytes"],
  ["a size that is a text", framed(outputs(output(sized('"8"')))), "must be a whole number of bytes"],
  [
    "a size of more than 53 bits",
    framed(outputs(output(sized("9007199254740993")))),
    "must be a whole number of bytes",
  ],
  [
    "a size that comes twice",
    framed(outputs(output(',"parameters":{"binary_data_size":8,"binary_data_size":4}'))),
    'the key "binary_data_size" comes twice in outputs[0].parameters',
  ],
  ["parameters that come twice", framed(outputs(output(sized(8) + sized(8)))), 'the key "parameters" comes twice'],
  ["parameters that are a list", framed(outputs(output(',"parameters":[8]'))), "parameters must be an object"],
  [
    "two sizes over the same bytes",
    framed(outputs(output(sized(8)), output(sized(8), { name: "z" }))),
    "tensor 'z': expected 8 bytes of binary data, got 0",
  ],
  ["no size", framed(outputs(output(""))), "expected 0 bytes of binary data for all tensors, got 8"],
  ["a size beside data", framed(outputs(output(`,"data":[1,2]${sized(8)}`))), "got both"],
  ["bytes that belong to no tensor", framed(outputs(whole)), "expected 0 bytes of binary data for all tensors, got 8"],
  ["bytes that are missing", framed(good, FLOATS.subarray(1)), "expected 8 bytes of binary data, got 7"],
  [
    "a shape whose product is beyond 53 bits",
    framed(outputs(output(sized(8), { shape: "[4294967296,4294967296,4294967296]" }))),
    "tensor 'y'",
  ],
  [
    "a shape whose product wraps to nothing in 64 bits",
    framed(outputs(output(sized(0), { shape: "[4294967296,4294967296]" })), Buffer.alloc(0)),
    "tensor 'y'",
  ],
  ["a shape below nothing", framed(outputs(output(sized(8), { shape: "[-2]" }))), "tensor 'y'"],
  ["a shape with a fraction", framed(outputs(output(sized(8), { shape: "[2.5]" }))), "tensor 'y'"],
  ["strings whose length is beyond the bytes", strings(frames([9, "ab"])), "tensor 'y'"],
  ["strings whose length has 32 bits", strings(frames([0xffffffff, "ab"])), "tensor 'y'"],
  ["strings fewer than the shape", strings(frames([6, "abcdef"]), "[2]"), "tensor 'y'"],
  ["strings more than the shape", strings(frames([1, "a"], [1, "b"]), "[1]"), "tensor 'y'"],
  ["half a string's length", strings(Buffer.concat([frames([1, "a"]), Buffer.of(1, 0)]), "[2]"), "tensor 'y'"],
  ["a head that is a list", framed(`[${good}]`), "body must be an object, got an array"],
  ["a head that is null", framed("null"), "body must be an object, got null"],
  ["a Content-Encoding of br", [[["content-encoding", "br"]], outputs(whole)], 'Content-Encoding "br", expected gzip'],
  ["a Content-Encoding that is none", [[["content-encoding", "ünknown"]], outputs(whole)], "expected gzip, deflate"],
  ["text under Content-Encoding gzip", [[["content-encoding", "gzip"]], outputs(whole)], "is not gzip, as its Content"],
  [
    "gzip that breaks off",
    [[["content-encoding", "gzip"]], gzipSync(outputs(whole)).subarray(0, -9)],
    "is not gzip, as its Content-Encoding says",
  ],
  ["gzip twice", [[["content-encoding", "gzip, gzip"]], gzipSync(outputs(whole))], 'Content-Encoding "gzip, gzip"'],
  ["a page under text/html", [[["content-type", "text/html"]], "<html>"], "expected a JSON object, got text/html"],
];

/** What is odd and means one thing: KServe's and Triton's clients read it as well. */
const READ: readonly [string, readonly [Headers, Uint8Array | string]][] = [
  ["no Content-Type", [[], outputs(whole)]],
  ["JSON under text/plain", [[["content-type", "text/plain"]], outputs(whole)]],
  ["JSON under application/octet-stream without a length", [[BINARY], ` ${outputs(whole)}`]],
  [
    "binary under application/json",
    [
      [
        ["content-type", "application/json"],
        [LENGTH, `${good.length}`],
      ],
      framed(good)[1],
    ],
  ],
  ["binary without Content-Type", [[[LENGTH, `${good.length}`]], framed(good)[1]]],
  ["a length behind a blank", framed(good, FLOATS, ` ${good.length}`)],
  ["Content-Encoding identity", [[["content-encoding", "identity"]], outputs(whole)]],
];

async function predict(headers: Headers, body: Uint8Array | string): Promise<unknown> {
  const bytes = Buffer.from(body as string);
  const lines = [["content-length", String(bytes.length)], ...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  const { predictor } = await start(
    (socket) => void socket.write(`HTTP/1.1 200 OK\r\n${lines.join("")}\r\n`, "latin1", () => socket.write(bytes)),
    {
      protocol: "v2",
    },
  );
  const response = await predictor.infer(tensorsRequest(x));
  return response.outputs.map(({ data }) => data);
}

test.each(MALFORMED)("%s is a bad gateway", async (_name, [headers, body], said) => {
  const error = await inferenceErrorOf(predict(headers, body));
  expect({ status: error.status, message: error.message }).toEqual({
    status: 502,
    message: expect.stringContaining(said),
  });
});

test.each(READ)("%s is read", async (_name, [headers, body]) => {
  expect(await predict(headers, body)).toEqual([Float32Array.of(1, 2)]);
});
