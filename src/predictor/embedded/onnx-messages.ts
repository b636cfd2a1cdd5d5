import type { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";

/** What the thread of a model is started with. */
export interface OnnxThreadData {
  readonly path: string;
  readonly sessionOptions: Readonly<Record<string, unknown>> | undefined;
  /** Where onnxruntime-node may lie. */
  readonly peerFolders: readonly string[];
}

/** A tensor as plain data; 16-bit floats are their bits. */
export interface OnnxValue {
  readonly type: OnnxTensor.Type;
  readonly dims: readonly number[];
  readonly data: ArrayBufferView | readonly string[];
}

export type OnnxValues = Readonly<Record<string, OnnxValue>>;

/** A call, to the thread. */
export interface OnnxRun {
  readonly feeds: OnnxValues;
  /** Outputs that are wanted. */
  readonly names: readonly string[];
}

/** What came of it: of the load at first, then of one call after the other. */
export type OnnxResponse =
  | {
      readonly inputs: readonly InferenceSession.ValueMetadata[];
      readonly outputs: readonly InferenceSession.ValueMetadata[];
    }
  | { readonly values: OnnxValues }
  | { readonly failure: OnnxFailure };

export interface OnnxFailure {
  /** The peer that is not installed, or the model or the call. */
  readonly of: "runtime" | "model";
  readonly message: string;
  readonly stack: string | undefined;
}

/** Values whose arrays own their memory, which is then handed over: a view's whole buffer would be copied with it. */
export function toTransferable(values: OnnxValues): { readonly values: OnnxValues; readonly transfer: ArrayBuffer[] } {
  const transfer: ArrayBuffer[] = [];
  const owned = Object.entries(values).map(([name, value]): [string, OnnxValue] => {
    if (!ArrayBuffer.isView(value.data)) return [name, value];
    const data = (value.data as Uint8Array).slice();
    transfer.push(data.buffer);
    return [name, { ...value, data }];
  });
  return { values: Object.fromEntries(owned), transfer };
}
