import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { RequestedOutput } from "../../inference/content.ts";
import { toRawBytes } from "../../tensor/elements/raw-elements.ts";
import type { Parameters, Tensor } from "../../tensor/tensor.ts";
import { BodyWriter } from "../body-writer.ts";
import { ID, type InferLayout, MODEL_NAME, MODEL_VERSION, PARAMETERS, TENSORS } from "./infer-message.ts";
import { writeParameters } from "./parameters.ts";
import { canBeTyped, writeContents } from "./write-contents.ts";

/** What a `ModelInferRequest` or `ModelInferResponse` says. */
export interface InferMessageContent {
  readonly modelName: string;
  readonly modelVersion?: string | undefined;
  readonly id?: string | undefined;
  readonly parameters: Parameters;
  readonly tensors: readonly Tensor[];
  readonly requestedOutputs?: readonly RequestedOutput[] | undefined;
  /** Typed contents where the datatypes allow it; raw contents otherwise. */
  readonly typed: boolean;
}

/**
 * The message in chunks: its head, then each tensor's elements as they stand in memory.
 * @throws InferenceError invalid_argument for a parameter that protobuf cannot carry.
 */
export function writeInferMessage(content: InferMessageContent, layout: InferLayout): readonly Uint8Array[] {
  const { tensors, requestedOutputs } = content;
  const typed = content.typed && canBeTyped(tensors);
  const writer = new BinaryWriter();
  writeText(writer, MODEL_NAME, content.modelName);
  writeText(writer, MODEL_VERSION, content.modelVersion);
  writeText(writer, ID, content.id);
  writeParameters(writer, PARAMETERS, content.parameters);
  for (const tensor of tensors) writeTensor(writer, tensor, typed);
  if (layout.requestedOutputs !== undefined) {
    for (const { name, parameters } of requestedOutputs ?? []) {
      writer.tag(layout.requestedOutputs, WireType.LengthDelimited).fork();
      writeText(writer, 1, name);
      writeParameters(writer, 2, parameters);
      writer.join();
    }
  }
  const body = new BodyWriter();
  if (!typed) {
    for (const tensor of tensors) {
      const raw = toRawBytes(tensor);
      writer.tag(layout.raw, WireType.LengthDelimited).uint32(raw.length);
      body.bytes(writer.finish()).bytes(raw);
    }
  }
  return body.bytes(writer.finish()).chunks;
}

function writeTensor(writer: BinaryWriter, tensor: Tensor, typed: boolean): void {
  writer.tag(TENSORS, WireType.LengthDelimited).fork();
  writeText(writer, 1, tensor.name);
  writeText(writer, 2, tensor.datatype);
  if (tensor.shape.length > 0) {
    writer.tag(3, WireType.LengthDelimited).fork();
    for (const dimension of tensor.shape) writer.int64(dimension);
    writer.join();
  }
  writeParameters(writer, 4, tensor.parameters);
  if (typed) {
    writer.tag(5, WireType.LengthDelimited).fork();
    writeContents(writer, tensor);
    writer.join();
  }
  writer.join();
}

/** Writes a string field; proto3 leaves out an empty one. */
export function writeText(writer: BinaryWriter, field: number, text: string | undefined): void {
  if (text !== undefined && text !== "") writer.tag(field, WireType.LengthDelimited).string(text);
}
