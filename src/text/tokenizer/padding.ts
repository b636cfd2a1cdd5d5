import { invalidArgument } from "../../errors.ts";
import { createTensor, type Tensor } from "../../tensor/tensor.ts";
import type { EncodedToken, Encoding } from "./encoding.ts";

export interface PaddingOptions {
  readonly id: number;
  readonly token: string;
  /** @default 0 */
  readonly typeId?: number;
  /** @default "right" */
  readonly side?: "right" | "left";
  /** Number of tokens that all get, or that of the longest. Longer ones stay. @default "longest" */
  readonly length?: number | "longest";
  /** Rounds the length up to a multiple. */
  readonly multipleOf?: number;
}

/** All encodings at one length, as `pad_encodings` of Hugging Face's Rust library does. */
export function padEncodings(encodings: readonly Encoding[], options: PaddingOptions): Encoding[] {
  const { id, token, typeId = 0, side = "right", length = "longest", multipleOf = 1 } = options;
  const longest = encodings.reduce((most, { tokens }) => Math.max(most, tokens.length), 0);
  const target = Math.ceil((length === "longest" ? longest : length) / multipleOf) * multipleOf;
  const pad: EncodedToken = {
    id,
    token,
    typeId,
    offsets: [0, 0],
    wordId: undefined,
    sequence: undefined,
    attention: 0,
  };
  return encodings.map(({ tokens, overflowing }) => {
    const padding = new Array<EncodedToken>(Math.max(0, target - tokens.length)).fill(pad);
    return { tokens: side === "right" ? [...tokens, ...padding] : [...padding, ...tokens], overflowing };
  });
}

/** What a transformer model takes, INT64 of shape [texts, tokens] each. */
export type TokenTensorName = "input_ids" | "attention_mask" | "token_type_ids";

const VALUE: Readonly<Record<TokenTensorName, (token: EncodedToken) => number>> = {
  input_ids: ({ id }) => id,
  attention_mask: ({ attention }) => attention,
  token_type_ids: ({ typeId }) => typeId,
};

/**
 * Encodings of one length as tensors.
 * @throws InferenceError invalid_argument when they differ in length: pad them first.
 */
export function tokenTensors(
  encodings: readonly Encoding[],
  names: readonly TokenTensorName[] = ["input_ids", "attention_mask", "token_type_ids"],
): Tensor<"INT64">[] {
  const length = encodings[0]?.tokens.length ?? 0;
  const other = encodings.find(({ tokens }) => tokens.length !== length);
  if (other !== undefined) {
    throw invalidArgument(`encodings: expected ${length} tokens in each, got ${other.tokens.length}: pad them first`);
  }
  return names.map((name) => {
    const data = new BigInt64Array(encodings.length * length);
    // Each value as the lower half of its integer: a BigInt for each of them takes a hundred times as long.
    const halves = new Uint32Array(data.buffer);
    const read = VALUE[name];
    let at = 0;
    for (const { tokens } of encodings) {
      for (const token of tokens) {
        halves[at] = read(token);
        at += 2;
      }
    }
    return createTensor(name, "INT64", [encodings.length, length], data);
  });
}
