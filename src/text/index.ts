export type { EncodedToken, Encoding } from "./tokenizer/encoding.ts";
export { type PaddingOptions, padEncodings, type TokenTensorName, tokenTensors } from "./tokenizer/padding.ts";
export { type EncodeOptions, loadTokenizer, type Tokenizer } from "./tokenizer/tokenizer.ts";
export type { TruncationOptions } from "./tokenizer/truncation.ts";
