import { readFileSync } from "node:fs";
import type { Datatype } from "../../../src/tensor/datatype.ts";
import { fromRawBytes } from "../../../src/tensor/elements/raw-elements.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";

/** Messages that TensorFlow's own libraries wrote, in base64; see test/fixtures/tensorflow/make.py. */
export interface TensorFlowMessages {
  readonly tensors: readonly {
    readonly datatype: Datatype;
    readonly shape: readonly number[];
    /** The elements as V2's raw contents carry them. */
    readonly raw: string;
    readonly request: string;
    readonly content: string;
    readonly values: string;
  }[];
  readonly [message: string]: unknown;
}

export const MESSAGES: TensorFlowMessages = JSON.parse(
  readFileSync(new URL("../../fixtures/tensorflow/messages.json", import.meta.url), "utf8"),
);

export function message(name: string): Buffer {
  return Buffer.from(String(MESSAGES[name]), "base64");
}

export function sampleOf(name: string, sample: TensorFlowMessages["tensors"][number]): Tensor {
  return fromRawBytes(name, sample.datatype, sample.shape, Buffer.from(sample.raw, "base64"));
}
