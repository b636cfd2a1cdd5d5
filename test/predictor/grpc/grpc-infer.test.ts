import { Buffer } from "node:buffer";
import { RowValues } from "../../../src/inference/row-and-tensor-values.ts";
import { grpcCodec } from "../../../src/protocol/grpc/grpc-codec.ts";
import { hasField, readModel } from "../../../src/protocol/grpc/message-head.ts";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";
import { DATATYPES, type Datatype } from "../../../src/tensor/datatype.ts";
import { fromRawBytes } from "../../../src/tensor/elements/raw-elements.ts";
import { bodyOf, connect, requestOf, start, unread, x } from "./started-predictor.ts";

describe("infer", () => {
  test("every datatype goes there and back, bit by bit", async () => {
    const { predictor } = await start();
    const tensors = Object.entries(DATATYPES).map(([datatype, { bytes }], index) => {
      const raw =
        bytes === 0 ? Buffer.from([1, 0, 0, 0, 255, 0, 0, 0, 0]) : Buffer.alloc(bytes * 2, index === 0 ? 1 : 0xf9);
      return fromRawBytes(`t${index}`, datatype as Datatype, [2], raw);
    });
    const response = await predictor.infer(requestOf(tensors));
    expect(response.outputs.map(({ name, datatype, shape, data }) => ({ name, datatype, shape, data }))).toEqual(
      tensors.map(({ name, datatype, shape, data }) => ({ name, datatype, shape, data })),
    );
  });

  test("raw contents by default, typed ones when asked for", async () => {
    const { predictor, calls, port } = await start();
    await predictor.infer(requestOf([x]));
    await connect({ host: `127.0.0.1:${port}`, binary: "off" }).infer(requestOf([x]));
    expect(calls.map(({ message }) => hasField(message, 7))).toEqual([true, false]);
  });

  test("a header that metadata cannot carry is the client's fault, and no call is made", async () => {
    const { predictor, calls } = await start();
    const headers = { "trace-bin": "QU*D" };
    await expect(predictor.infer(requestOf([x]), { headers })).rejects.toMatchObject({
      code: "invalid_argument",
      message: `header 'trace-bin': expected base64, got "*" at character 3`,
    });
    await predictor.infer(requestOf([x]), { headers: { "trace-bin": "QUJD" } });
    expect(calls.map(({ headers }) => headers["trace-bin"])).toEqual(["QUJD"]);
  });

  test("a gRPC client's message goes on byte for byte", async () => {
    const { predictor, calls } = await start();
    const request = unread(requestOf([x], { id: "1", parameters: { p: 1 } }));
    const response = await predictor.infer(request);
    expect(bodyOf(calls[0])).toEqual(bodyOf(request.source));
    expect(request.source?.isRead).toBe(false);
    expect(response.output().data).toEqual(x.data);
  });

  test("requested outputs travel only when nothing looks at the answer", async () => {
    const { predictor, calls } = await start();
    const request = unread(requestOf([x], { requestedOutputs: [{ name: "x", parameters: {} }] }));
    await predictor.infer(request);
    await predictor.infer(request, { forwardRequestedOutputs: true });
    expect(calls.map(({ message }) => hasField(message, 6))).toEqual([false, true]);
  });

  test("the predictor's own model name goes there, the public one comes back", async () => {
    const { predictor, calls } = await start(undefined, { modelName: "public", predictorModelName: "m" });
    const response = await predictor.infer(unread().withModel("public"));
    expect(readModel(bodyOf(calls[0]))).toEqual({ modelName: "m", modelVersion: undefined });
    expect(response.modelName).toBe("public");
    expect(await predictor.ready()).toBe(true);
  });

  test("another version than the message's own is written into it", async () => {
    const { predictor, calls } = await start();
    await predictor.infer(unread().withModel("m", "2"));
    expect(calls[0]?.modelVersion).toBe("2");
  });

  test("rows are named and typed by the predictor's metadata, which is asked once", async () => {
    const { predictor, echo, calls } = await start();
    const rows = requestOf([], { values: new RowValues([[1, 2, 3, 0.1]], "input") });
    await predictor.infer(rows);
    await predictor.infer(rows);
    const request = grpcCodec.decodeRequest(calls[1]?.message ?? { headers: {}, body: [] }, {
      modelName: "m",
      limits: DEFAULT_LIMITS,
    });
    expect(request.input()).toMatchObject({ name: "x", datatype: "FP32", shape: [1, 4] });
    expect(request.input().data).toEqual(Float32Array.of(1, 2, 3, 0.1));
    expect(echo.asked).toBe(1);
    expect(await predictor.metadata()).toMatchObject({ name: "m", inputs: [{ name: "x", shape: [-1, 4] }] });
  });

  test("headers go as metadata; those of the body and the connection stay", async () => {
    const { predictor, calls } = await start();
    const headers = { "x-request-id": "r", traceparent: "t", "content-type": "application/json", connection: "close" };
    await predictor.infer(requestOf([x]), { headers });
    expect(calls[0]?.headers).toMatchObject({ "x-request-id": "r", traceparent: "t" });
    expect(calls[0]?.headers).not.toHaveProperty("connection");
  });

  test("explain is not there", async () => {
    const { predictor } = await start();
    await expect(predictor.infer(requestOf([x]), { verb: "explain" })).rejects.toMatchObject({ code: "unimplemented" });
  });

  test("parameters cross; members that are no scalars do not", async () => {
    const { predictor, calls } = await start();
    const parameters = { n: 7, big: 2n ** 63n, half: 0.5, s: "ä", b: true, least: -(2n ** 63n) };
    const response = await predictor.infer(requestOf([x], { parameters, members: { user: "u", nothing: null } }));
    const sent = grpcCodec.decodeRequest(calls[0]?.message ?? { headers: {}, body: [] }, {
      modelName: "m",
      limits: DEFAULT_LIMITS,
    });
    expect(sent.parameters).toEqual({ ...parameters, user: "u" });
    expect(response.outputs).toHaveLength(1);
    await expect(predictor.infer(requestOf([x], { members: { list: [1] } }))).rejects.toMatchObject({
      code: "invalid_argument",
      message: expect.stringContaining("'list'"),
    });
  });
});
