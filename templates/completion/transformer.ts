import {
  type CompletionContext,
  InferenceError,
  type JsonObject,
  type JsonValue,
  Transformer,
} from "kserve-transformer";

const SYSTEM = "You are the assistant of a book shop. Answer in one sentence.";
const MAX_MESSAGES = 20;

/** OpenAI's chat: the client's messages in front, the same with the shop's instructions at the predictor. */
export default class CompletionTransformer extends Transformer {
  /** The client's body → the predictor's. */
  override preprocessCompletion(body: JsonObject, { endpoint }: CompletionContext): JsonObject {
    if (endpoint !== "chat/completions") return body;
    return { ...body, messages: [{ role: "system", content: SYSTEM }, ...readMessages(body["messages"])] };
  }

  /** The predictor's whole response → the client's. */
  override postprocessCompletion(body: JsonObject): JsonObject {
    return { ...body, model: "book-shop" };
  }

  /** One event of a streamed response → the client's. */
  override postprocessChunk(chunk: JsonObject): JsonObject {
    return { ...chunk, model: "book-shop" };
  }
}

function readMessages(messages: JsonValue | undefined): readonly JsonValue[] {
  if (Array.isArray(messages) && messages.length > 0 && messages.length <= MAX_MESSAGES) return messages;
  throw new InferenceError(`messages: expected an array of 1 to ${MAX_MESSAGES} messages`, {
    code: "invalid_argument",
  });
}
