import { Metadata, status } from "@grpc/grpc-js";
import { InferRequest } from "../../../src/inference/infer-request.ts";
import { RowValues } from "../../../src/inference/row-and-tensor-values.ts";
import { createGrpcV1Predictor } from "../../../src/predictor/grpc/grpc-v1-predictor.ts";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";
import { v1Codec } from "../../../src/protocol/v1/v1-codec.ts";
import { DATATYPES, type Datatype } from "../../../src/tensor/datatype.ts";
import { type Opened, testPredictor } from "../predictor-suite.ts";
import { inferenceErrorOf, rowsRequest } from "../requests.ts";
import { startTensorFlow, type TensorFlowLoopback } from "./grpc-v1-server.ts";

function open(loopback: TensorFlowLoopback, options = {}): Opened {
  const predictor = createGrpcV1Predictor({ host: `127.0.0.1:${loopback.port}`, modelName: "m", ...options });
  return { predictor, close: () => loopback.close() };
}

testPredictor("TensorFlow's gRPC", {
  datatypes: Object.keys(DATATYPES) as Datatype[],
  keepsDatatypes: true,
  hasMetadata: true,
  castsRows: true,
  open: async (datatype) => open(await startTensorFlow(datatype)),
  openSilent: async () => open(await startTensorFlow("FP32", () => undefined)),
  openBusy: async () => {
    const metadata = new Metadata();
    metadata.set("retry-after", "7");
    const busy = { code: status.RESOURCE_EXHAUSTED, details: "busy", metadata };
    return open(await startTensorFlow("FP32", (_, done) => done(busy)));
  },
});

describe("TensorFlow's gRPC", () => {
  let opened: Opened | undefined;
  afterEach(async () => {
    await opened?.predictor.close();
    await opened?.close();
  });

  test("another name at the predictor, and the version of the path", async () => {
    const loopback = await startTensorFlow();
    opened = open(loopback, { modelName: "public", predictorModelName: "m" });
    const response = await opened.predictor.infer(rowsRequest([[1, 2, 3]], "public").withModel("public", "5"));
    expect(response.modelName).toBe("public");
    // ModelSpec: name "m", version 5.
    expect(loopback.predicted[0]?.subarray(0, 9)).toEqual(Buffer.from([0x0a, 7, 0x0a, 1, 0x6d, 0x12, 2, 8, 5]));
    expect(await opened.predictor.ready()).toBe(true);
  });

  test("a V1 client's columns are typed by the signature", async () => {
    opened = open(await startTensorFlow("INT64"));
    const message = { headers: {}, body: [Buffer.from('{"inputs":{"x":[[1,2,9007199254740993]]}}')] };
    const request = v1Codec.decodeRequest(message, { modelName: "m", limits: DEFAULT_LIMITS });
    const response = await opened.predictor.infer(request);
    expect(response.output("y", "INT64").data).toEqual(BigInt64Array.of(1n, 2n, 9007199254740993n));
  });

  test("a signature that the model has not leaves the rows untyped, and TensorFlow decides", async () => {
    const loopback = await startTensorFlow();
    opened = open(loopback);
    const content = {
      parameters: {},
      members: { signature_name: "nope" },
      values: new RowValues([[1, 2, 3]], "input"),
    };
    const response = await opened.predictor.infer(new InferRequest({ modelName: "m", content }));
    expect(response.output().datatype).toBe("FP64");
    expect(loopback.predicted[0]?.includes("nope")).toBe(true);
  });

  test("explain is not there", async () => {
    opened = open(await startTensorFlow());
    const error = await inferenceErrorOf(opened.predictor.infer(rowsRequest([[1, 2, 3]]), { verb: "explain" }));
    expect(error.code).toBe("unimplemented");
  });
});
