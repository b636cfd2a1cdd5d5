import { Buffer } from "node:buffer";
import { InferRequest } from "../../../src/inference/infer-request.ts";
import { InferResponse } from "../../../src/inference/infer-response.ts";
import { TensorValues } from "../../../src/inference/row-and-tensor-values.ts";
import { joinChunks } from "../../../src/protocol/body-bytes.ts";
import { grpcCodec } from "../../../src/protocol/grpc/grpc-codec.ts";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";
import { toRawBytes } from "../../../src/tensor/elements/raw-elements.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { type RecordedTensor, recordedTensor, recordings, SERVERS } from "./recordings.ts";

const options = { modelName: "m", limits: DEFAULT_LIMITS };

function messageOf(base64: string) {
  return { headers: {}, body: [Buffer.from(base64, "base64")] };
}

function describeTensor(tensor: Tensor) {
  const { name, datatype, shape } = tensor;
  return { name, datatype, shape, raw: Buffer.from(toRawBytes(tensor)).toString("base64") };
}

function expected(recorded: RecordedTensor) {
  const { name, datatype, shape, raw_le_b64: raw } = recorded;
  return { name, datatype, shape, raw };
}

function isSmall(tensors: readonly RecordedTensor[] | undefined): tensors is readonly RecordedTensor[] {
  return (tensors ?? [{ raw_le_b64: undefined }]).every(({ raw_le_b64: raw }) => raw !== undefined);
}

describe.each(SERVERS)("recordings of %s", (server) => {
  const exchanges = recordings(server).filter(({ method }) => method.endsWith("/ModelInfer"));
  const answered = exchanges.filter((exchange) => exchange.kind !== "error" && isSmall(exchange.responseTensors));
  // FP16 has no typed contents, so the recorder sent fp32_contents to see what happens; MLServer's codec sent another shape.
  const odd = ["grpc-typed.fp16.values", "grpc-raw-mlcodec.fp16.values"];
  const sent = exchanges.filter(
    (exchange) => exchange.kind !== "error" && !odd.includes(exchange.case) && isSmall(exchange.requestTensors),
  );

  test("are many", () => {
    expect(answered.length).toBeGreaterThan(50);
    expect(sent.length).toBeGreaterThan(50);
  });

  test.each(answered.map((exchange) => [exchange.case, exchange] as const))(
    "the response of %s is read",
    (_, exchange) => {
      const response = grpcCodec.decodeResponse(messageOf(exchange.response), options);
      expect(response.outputs.map(describeTensor)).toEqual(exchange.responseTensors?.map(expected));
    },
  );

  test.each(sent.map((exchange) => [exchange.case, exchange] as const))("the request of %s is read", (_, exchange) => {
    const request = grpcCodec.decodeRequest(messageOf(exchange.request), options);
    expect(request.inputs.map(describeTensor)).toEqual(exchange.requestTensors?.map(expected));
  });

  test("wire controls never appear as parameters", () => {
    for (const exchange of answered) {
      const response = grpcCodec.decodeResponse(messageOf(exchange.response), options);
      const names = response.outputs.flatMap(({ parameters = {} }) => Object.keys(parameters));
      expect(names.filter((name) => name.startsWith("binary_data"))).toEqual([]);
    }
  });

  // MLServer's codecs write an empty `contents` beside raw contents, KServe's client REST's wire controls: we write neither.
  const plain = sent.filter(
    ({ case: name, request }) => !name.includes("mlcodec") && !Buffer.from(request, "base64").includes("binary_data"),
  );
  test.each(plain.map((exchange) => [exchange.case, exchange] as const))(
    "the request of %s is written as its client wrote it",
    (_, exchange) => {
      const read = grpcCodec.decodeRequest(messageOf(exchange.request), options);
      const tensors = read.inputs.map(({ parameters }, index) => {
        const tensor = recordedTensor(exchange.requestTensors?.[index] as RecordedTensor) as Tensor;
        return parameters === undefined ? tensor : { ...tensor, parameters };
      });
      const own = new InferRequest({
        modelName: modelNameOf(exchange.request),
        content: { ...read.content, values: new TensorValues(tensors, "input") },
      });
      const binary = exchange.kind !== "grpc-typed";
      const message = grpcCodec.encodeRequest(own, { binary, forwardRequestedOutputs: true });
      expect(joinChunks(message.body).toString("base64")).toBe(exchange.request);
    },
  );

  test.each(answered.map((exchange) => [exchange.case, exchange] as const))(
    "the response of %s is written in the form of its request",
    (_, exchange) => {
      const request = grpcCodec.decodeRequest(messageOf(exchange.request), options);
      const response = grpcCodec.decodeResponse(messageOf(exchange.response), options);
      const own = new InferResponse({ modelName: "m", content: response.content });
      const again = grpcCodec.encodeResponse(own, { request });
      const read = grpcCodec.decodeResponse(again, options);
      // MLServer's runtime does not heed which outputs were asked for; what goes to the client does.
      const asked = request.requestedOutputs?.map(({ name }) => name);
      const wanted = exchange.responseTensors?.filter(({ name }) => asked?.includes(name) ?? true);
      expect(read.outputs.map(describeTensor)).toEqual(wanted?.map(expected));
      expect(read.content.id).toBe(request.id);
      expect(grpcCodec.mayForwardResponse(again, request)).toBe(true);
    },
  );
});

test.each([
  ["err.grpc-bad-dtype", "tensor 'INPUT0': datatype must be one of BOOL"],
  ["err.grpc-both", "tensor 'INPUT0': expected contents or raw_input_contents, got both"],
  ["err.grpc-no-contents", "tensor 'INPUT0': shape [4] takes 4 fp32_contents elements, got 0"],
  ["err.grpc-raw-count", "raw_input_contents: expected 1, one for each of inputs, got 2"],
  ["err.grpc-raw-few-bytes", "tensor 'INPUT0': FP32 of shape [4] takes 16 bytes, got 12"],
  ["err.grpc-shape-mismatch", "tensor 'INPUT0': shape [5] takes 5 fp32_contents elements, got 4"],
  ["err.grpc-wrong-field", "tensor 'INPUT0': FP32 takes fp32_contents, got int_contents"],
  ["err.grpc-not-protobuf", "expected a protobuf message ModelInferRequest, got bytes that are none"],
])("the recorded bad request %s is an invalid argument", (name, message) => {
  const exchange = recordings("triton").find((recorded) => recorded.case === name);
  expect(() => grpcCodec.decodeRequest(messageOf(exchange?.request ?? ""), options).inputs).toThrow(
    expect.objectContaining({ code: "invalid_argument", message: expect.stringContaining(message) }),
  );
});

function modelNameOf(base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  return bytes.toString("utf8", 2, 2 + (bytes[1] as number));
}
