import { Buffer } from "node:buffer";
import { type ReadResponse, ResponseReader } from "../../../src/cli/bench/http/response-reader.ts";

const BODY = '{"error":"no"}';
const RESPONSES: Readonly<Record<string, string>> = {
  "a length": `HTTP/1.1 503 Service Unavailable\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  "no body": "HTTP/1.1 204 No Content\r\n\r\n",
  "an empty body": "HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n",
  chunks: `HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\n${BODY.slice(0, 4)}\r\na\r\n${BODY.slice(4)}\r\n0\r\nTrailer: 1\r\n\r\n`,
  "early hints": `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 404 \r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
};
const STATUS: Readonly<Record<string, number>> = {
  "a length": 503,
  "no body": 204,
  "an empty body": 200,
  chunks: 500,
  "early hints": 404,
};

function read(reader: ResponseReader, text: string, size: number): (ReadResponse | undefined)[] {
  const bytes = Buffer.from(text);
  const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
  return parts.map((part) => reader.push(part));
}

test.each(Object.keys(RESPONSES))("a response with %s is whole at its last byte, however it is cut", (name) => {
  const text = RESPONSES[name] ?? "";
  const reader = new ResponseReader();
  for (const size of [1, 2, 7, 64, 10_000, 1]) {
    const results = read(reader, text, size);
    const expected = { status: STATUS[name], keepsAlive: true, text: (STATUS[name] ?? 0) < 400 ? "" : BODY };
    expect(results.at(-1)).toMatchObject(expected);
    expect(results.slice(0, -1).every((result) => result === undefined)).toBe(true);
  }
});

test("a body without length ends with the connection; one with a length is then cut off", () => {
  const open = new ResponseReader();
  expect(open.push(Buffer.from("HTTP/1.1 500 Oops\r\n\r\nbad"))).toBeUndefined();
  expect(open.end()).toMatchObject({ status: 500, keepsAlive: false, text: "bad" });
  const cut = new ResponseReader();
  expect(cut.push(Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbad"))).toBeUndefined();
  expect(cut.end()).toBeUndefined();
});

test("whether the connection is kept, and the server's timings, stand in the head", () => {
  const head = (text: string) => new ResponseReader().push(Buffer.from(`${text}\r\ncontent-length: 0\r\n\r\n`));
  expect(head("HTTP/1.1 200 OK\r\nConnection: close")?.keepsAlive).toBe(false);
  expect(head("HTTP/1.0 200 OK")?.keepsAlive).toBe(false);
  expect(head("HTTP/1.0 200 OK\r\nConnection: Keep-Alive")?.keepsAlive).toBe(true);
  expect(head("HTTP/1.1 200 OK\r\nServer-Timing: predict;dur=4.2")?.serverTiming).toBe("predict;dur=4.2");
});

test.each([
  ["SSH-2.0-OpenSSH_9.2\r\n\r\n", 'expected HTTP/1.1, got "SSH-2.0-OpenSSH_9.2"'],
  ["HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", 'content-length: expected a number, got "-1"'],
  ["HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab", "there are bytes behind the response"],
  ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", 'a chunk\'s size: expected a number, got "zz"'],
  ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n", "a chunk is longer than its size"],
  ["x".repeat(70_000), "the head is over 65536 bytes"],
])("%.40j is refused", (text, message) => {
  expect(() => new ResponseReader().push(Buffer.from(text))).toThrow(message);
});
