export { type ChatTemplate, loadChatTemplate } from "./chat-template.ts";
export { loadTextModel, type TextModel } from "./folder/load-text-model.ts";
export type { TextTask } from "./folder/model-config.ts";
export { type Activation, classifyTexts, type TextLabel } from "./tasks/classification.ts";
export { type PoolingOptions, poolEmbeddings } from "./tasks/embeddings.ts";
export { tokenRows } from "./tasks/logit-rows.ts";
export {
  type AnswerWindow,
  findAnswers,
  type QuestionAnsweringOptions,
  type TextAnswer,
} from "./tasks/question-answering.ts";
export {
  type AggregationStrategy,
  findEntities,
  type TextEntity,
  type TokenClassificationOptions,
} from "./tasks/token-classification.ts";
export type { EncodedToken, EncodeOptions, Encoding } from "./tokenizer/encoding.ts";
export { type PaddingOptions, padEncodings, type TokenTensorName, tokenTensors } from "./tokenizer/padding.ts";
export { loadTokenizer, type Tokenizer } from "./tokenizer/tokenizer.ts";
export type { EncodeContext } from "./tokenizer/tokenizer-thread.ts";
export type { TruncationOptions } from "./tokenizer/truncation.ts";
