import { Buffer } from "node:buffer";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import { TENSORFLOW_TYPES } from "../../../src/protocol/tensorflow/data-types.ts";
import { readMapEntry, visitFields } from "../../../src/protocol/tensorflow/map-entry.ts";
import { writeShape } from "../../../src/protocol/tensorflow/shape-proto.ts";
import type { Datatype } from "../../../src/tensor/datatype.ts";

type Call = ServerUnaryCall<Buffer, Buffer>;
type Done = sendUnaryData<Buffer>;

export interface TensorFlowLoopback {
  readonly port: number;
  /** `PredictRequest`s in the order they came. */
  readonly predicted: Buffer[];
  close(): Promise<void>;
}

/**
 * TensorFlow Serving on loopback: its model `m` takes `x` [-1, 3] and gives its bytes back as `y`; `predict` stands in for it.
 */
export async function startTensorFlow(
  datatype: Datatype = "FP32",
  predict?: (call: Call, done: Done) => void,
): Promise<TensorFlowLoopback> {
  const predicted: Buffer[] = [];
  const server = new Server();
  const same = (bytes: Buffer): Buffer => bytes;
  const handle = (path: string, handler: (call: Call, done: Done) => void) =>
    server.register(`/tensorflow.serving.${path}`, handler, same, same, "unary");
  handle("PredictionService/Predict", (call, done) => {
    predicted.push(call.request);
    if (predict === undefined) done(null, echo(call.request));
    else predict(call, done);
  });
  handle("PredictionService/GetModelMetadata", (_, done) => done(null, signatures(datatype)));
  handle("ModelService/GetModelStatus", (call, done) => {
    if (!call.request.includes("m")) done({ code: status.NOT_FOUND, metadata: new Metadata() });
    else done(null, Buffer.from([0x0a, 0x04, 0x08, 0x01, 0x10, 30]));
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { port, predicted, close: async () => server.forceShutdown() };
}

function echo(request: Buffer): Buffer {
  const writer = new BinaryWriter();
  visitFields(request, (field, value) => {
    if (field !== 2) return;
    const [, tensor] = readMapEntry(value);
    writeEntry(writer, 1, "y", tensor);
  });
  return Buffer.from(writer.finish());
}

function writeEntry(writer: BinaryWriter, field: number, key: string, value: Uint8Array): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string(key).tag(2, WireType.LengthDelimited).bytes(value).join();
}

function signatures(datatype: Datatype): Buffer {
  const info = new BinaryWriter().tag(2, WireType.Varint).int32(TENSORFLOW_TYPES[datatype].dtype);
  writeShape(info, 3, [-1, 3]);
  const tensor = info.finish();
  const signature = new BinaryWriter();
  writeEntry(signature, 1, "x", tensor);
  writeEntry(signature, 2, "y", tensor);
  const map = new BinaryWriter();
  writeEntry(map, 1, "serving_default", signature.finish());
  const any = new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(map.finish()).finish();
  const response = new BinaryWriter();
  writeEntry(response, 2, "signature_def", any);
  return Buffer.from(response.finish());
}
