import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";
import { jest } from "@jest/globals";
import { encodeFields, frame } from "../../../fuzz/http2-frames.ts";
import { createEchoServer, runGrpc } from "./grpc-fixtures.ts";

const OPEN = Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1"), frame(4, 0, 0)]);
const END_STREAM = 1;
const END_HEADERS = 4;

afterEach(() => jest.restoreAllMocks());

// grpc-js leaves such a header out, and writes it to standard error before.
test.each([
  ["with a letter beyond ASCII", "authorization", "Bearer secr\u00e9t"],
  ["with a tab", "authorization", "Bearer\tsecret"],
  ["with a control character of Latin-1", "authorization", "Bearer \u0085secret"],
  ["under a name that is none of gRPC's", "x!authorization", "Bearer secret"],
])("credentials %s are written nowhere, and the call is answered without them", async (_what, name, value) => {
  const written = jest.spyOn(console, "error").mockImplementation(() => undefined);
  const seen: unknown[] = [];
  const echo = createEchoServer((request, { headers }) => {
    seen.push(headers[name], headers["x-plain"]);
    return request.reply({ outputs: [] });
  });
  const server = await runGrpc(echo.server);
  const socket = connect({ port: server.port, host: "127.0.0.1" });
  const fields: [string, string][] = [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", "/inference.GRPCInferenceService/ModelInfer"],
    [":authority", "x"],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
    [name, value],
    ["x-plain", "kept"],
  ];
  const message = Buffer.from("00000000030a016d", "hex");
  socket.write(Buffer.concat([OPEN, frame(1, END_HEADERS, 1, encodeFields(fields)), frame(0, END_STREAM, 1, message)]));
  await once(socket, "data");
  while (seen.length === 0) await once(socket, "data");
  socket.end();
  await Promise.all([buffer(socket), server.close(0)]);
  expect(seen).toEqual([undefined, "kept"]);
  expect(written.mock.calls).toEqual([]);
});
