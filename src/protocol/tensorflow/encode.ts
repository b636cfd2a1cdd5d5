import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { guardExtras, guardValues, resolveRequestTensors } from "../../convert/request-tensors.ts";
import { invalidArgument } from "../../errors.ts";
import type { RequestContent } from "../../inference/content.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import { toRawBytes } from "../../tensor/elements/raw-elements.ts";
import { isTensorOf, type Tensor } from "../../tensor/tensor.ts";
import { BodyWriter } from "../body-writer.ts";
import type { EncodeRequestOptions } from "../codec.ts";
import { writeText } from "../grpc/write-infer-message.ts";
import { TENSORFLOW_TYPES } from "./data-types.ts";
import { writeModelSpec } from "./model-spec.ts";
import { writeShape } from "./shape-proto.ts";

/**
 * A `tensorflow.serving.PredictRequest` in chunks: numbers go as `tensor_content`, as they stand in memory, byte strings one by
 * one. The V1 member or V2 parameter `signature_name` chooses the signature, as it does over REST.
 * @throws InferenceError invalid_argument for what the message has no place for.
 */
export function encodePredictRequest(request: InferRequest, options: EncodeRequestOptions): readonly Uint8Array[] {
  const { content, modelName: name, modelVersion: version } = request;
  const writer = new BinaryWriter();
  const body = new BodyWriter();
  writeModelSpec(writer, 1, { name, version, signatureName: guardExtras(request, () => signatureOf(content)) });
  guardValues(request, () => {
    for (const tensor of resolveRequestTensors(request, options.metadata)) writeInput(writer, body, tensor);
  });
  if (options.forwardRequestedOutputs) {
    for (const output of content.requestedOutputs ?? []) {
      const [parameter] = Object.keys(output.parameters);
      if (parameter !== undefined) throw noPlace(`the requested output's parameter '${parameter}'`);
      writeText(writer, 3, output.name);
    }
  }
  return body.bytes(writer.finish()).chunks;
}

/**
 * The signature that a request asks for; undefined for the default one.
 * @throws InferenceError invalid_argument for members and parameters that TensorFlow Serving does not know.
 */
export function signatureOf({ parameters, members }: RequestContent): string | undefined {
  let signature: string | undefined;
  for (const [key, value] of [...Object.entries(members), ...Object.entries(parameters)]) {
    if (value === null) continue;
    if (key !== "signature_name") throw noPlace(`'${key}'`);
    if (typeof value !== "string") throw invalidArgument(`signature_name must be a string, got a ${typeof value}`);
    signature = value;
  }
  return signature;
}

function noPlace(what: string): Error {
  return invalidArgument(`${what} has no place in TensorFlow's PredictRequest`);
}

/** One entry of `inputs`. Its length stands before it, so its parts are measured first; the elements are not copied. */
function writeInput(writer: BinaryWriter, body: BodyWriter, tensor: Tensor): void {
  const [parameter] = Object.keys(tensor.parameters ?? {});
  if (parameter !== undefined) throw noPlace(`input '${tensor.name}': its parameter '${parameter}'`);
  const head = new BinaryWriter().tag(1, WireType.Varint).int32(TENSORFLOW_TYPES[tensor.datatype].dtype);
  writeShape(head, 2, tensor.shape);
  let content: Uint8Array = new Uint8Array(0);
  if (isTensorOf(tensor, "BYTES")) {
    for (const element of tensor.data) head.tag(8, WireType.LengthDelimited).bytes(element);
  } else {
    content = toRawBytes(tensor);
    if (content.length > 0) head.tag(4, WireType.LengthDelimited).uint32(content.length);
  }
  const proto = head.finish();
  const key = new BinaryWriter().tag(1, WireType.LengthDelimited).string(tensor.name);
  key.tag(2, WireType.LengthDelimited).uint32(proto.length + content.length);
  const entry = key.finish();
  writer.tag(2, WireType.LengthDelimited).uint32(entry.length + proto.length + content.length);
  body.bytes(writer.finish()).bytes(entry).bytes(proto).bytes(content);
}
