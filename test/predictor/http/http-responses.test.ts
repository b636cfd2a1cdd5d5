import { gzipSync } from "node:zlib";
import { createRecorder, forwardRows } from "../../policy/forward-recorder.ts";
import { createRawHarness } from "../raw-harness.ts";
import { httpAnswer } from "../raw-server.ts";
import { causesOf, inferenceErrorOf, rowsRequest } from "../requests.ts";

const { start } = createRawHarness();

const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
const BAD_GATEWAY = { code: "bad_gateway", status: 502 };

describe("an error that the predictor answers", () => {
  const json = "application/json";
  const statuses = [
    { status: 400, headers: { "content-type": json }, body: '{"error":"bad input"}', message: "bad input" },
    { status: 401, headers: { "www-authenticate": "Bearer" }, body: "", message: "the predictor answered 401" },
    { status: 422, headers: { "content-type": json }, body: '{"detail":[{"loc":1}]}', message: '[{"loc":1}]' },
    {
      status: 429,
      headers: { "retry-after": "7", "content-type": "text/plain" },
      body: "slow down",
      message: "slow down",
    },
    {
      status: 500,
      headers: { "content-type": "text/plain" },
      body: "Internal Server Error",
      message: "Internal Server Error",
    },
    { status: 503, headers: { "content-type": json, "retry-after": "1" }, body: '{"error":"busy"}', message: "busy" },
    { status: 503, headers: {}, body: "", message: "the predictor answered 503" },
    { status: 503, headers: { "content-type": "text/html" }, body: "<h1>no</h1>", message: "<h1>no</h1>" },
  ];

  test.each(statuses)("$status '$body' keeps status, headers and body", async ({ status, headers, body, message }) => {
    const { server, predictor } = await start((socket) =>
      socket.write(httpAnswer(status, { ...headers, server: "inside", connection: "keep-alive" }, body)),
    );
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([1])));
    expect(error).toMatchObject({ status, message });
    expect(error.headers).toEqual(headers);
    expect(error.body === undefined ? "" : Buffer.from(error.body as Uint8Array).toString()).toBe(body);
    expect(causesOf(error.cause)).toBe(`predictor 127.0.0.1:${server.port}: answered ${status}\n`);
  });

  test("404 names the model that was asked for and the flag that names another, without the predictor's body", async () => {
    const { predictor } = await start((socket) =>
      socket.write(httpAnswer(404, { "content-type": "text/html" }, '{"detail":"Model m does not exist"}')),
    );
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([1])));
    expect([error.status, error.message, error.headers, error.body]).toEqual([
      404,
      "the predictor has no model 'm' (--predictor_model_name says what it is called there): Model m does not exist",
      {},
      undefined,
    ]);
    const explained = await inferenceErrorOf(predictor.infer(rowsRequest([1]), { verb: "explain" }));
    expect(explained).toMatchObject({ status: 404, message: "Model m does not exist" });
  });

  test.each(statuses)("$status '$body' is passed through as it is", async ({ status, headers, body }) => {
    const { predictor } = await start((socket) => socket.write(httpAnswer(status, headers, body)));
    const recorder = createRecorder();
    forwardRows(predictor, recorder);
    await recorder.ended;
    expect(recorder.status).toBe(status);
    expect(recorder.headers).toEqual({ ...headers, "content-length": String(body.length) });
    expect(recorder.text()).toBe(body);
  });
});

describe("a response that is no answer", () => {
  const bodies = [
    { what: "text that is no JSON", body: "<html>" },
    { what: "nothing", body: "" },
    { what: "JSON without predictions", body: "{}" },
    { what: "JSON that goes on", body: '{"predictions":[1]}}' },
  ];
  test.each(bodies)("$what is a 502 when it is read", async ({ body }) => {
    const { predictor } = await start((socket) => socket.write(httpAnswer(200, {}, body)));
    const reading = predictor.infer(rowsRequest([1])).then((response) => response.predictions);
    expect(await inferenceErrorOf(reading)).toMatchObject(BAD_GATEWAY);
  });

  test("one that is declared larger than maxResponseBytes is refused by its head", async () => {
    const { server, predictor } = await start(
      (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n"),
      { maxResponseBytes: 1000 },
    );
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([1])));
    expect(error).toMatchObject({
      ...BAD_GATEWAY,
      message: expect.stringContaining("larger than 1000 bytes (max_response_bytes)"),
    });
    await server.clientGone;
  });

  test("one that grows larger than maxResponseBytes is cut off", async () => {
    const { server, predictor } = await start(
      (socket) => socket.write(`${CHUNKED}${`258\r\n${" ".repeat(600)}\r\n`.repeat(2)}`),
      { maxResponseBytes: 1000 },
    );
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([1])));
    expect(error).toMatchObject({
      ...BAD_GATEWAY,
      message: expect.stringContaining("larger than 1000 bytes (max_response_bytes)"),
    });
    await server.clientGone;
  });

  const gzipped = (body: Buffer, encoding: string) =>
    `HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${body.length}\r\n\r\n`;

  test("one that is compressed, though nobody asked for it, is read", async () => {
    const body = gzipSync('{"predictions":[1]}');
    const { predictor } = await start((socket) => {
      socket.write(gzipped(body, "gzip"));
      socket.write(body);
    });
    expect((await predictor.infer(rowsRequest([1]))).predictions).toEqual([1]);
  });

  test("one that unpacks to more than maxResponseBytes is a 502 that names the limit", async () => {
    const body = gzipSync(" ".repeat(100_000));
    const { predictor } = await start(
      (socket) => {
        socket.write(gzipped(body, "gzip"));
        socket.write(body);
      },
      { maxResponseBytes: 10_000 },
    );
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([1])));
    expect(error).toMatchObject({ ...BAD_GATEWAY, message: expect.stringContaining("max_response_bytes") });
  });

  test("one of an unknown compression is a 502", async () => {
    const { predictor } = await start((socket) => {
      socket.write(gzipped(Buffer.from("xx"), "br"));
      socket.write("xx");
    });
    expect(await inferenceErrorOf(predictor.infer(rowsRequest([1])))).toMatchObject(BAD_GATEWAY);
  });
});
