import { readFileSync } from "node:fs";
import {
  InferenceError,
  type InferRequest,
  type InferResponse,
  type JsonValue,
  type TensorSpec,
  Transformer,
} from "kserve-transformer";
import { labelScores } from "kserve-transformer/labels";
import { loadTokenizer, padEncodings, type Tokenizer, tokenTensors } from "kserve-transformer/text";

/** In the order of the model's outputs. */
const LABELS = ["negative", "positive"];
/** What the model was trained with: longer texts are cut. */
const MAX_TOKENS = 128;

/** `{"text": "…"}` or the bare text in front, token ids at the predictor, `{"negative": 0.1, "positive": 0.9}` as the response. */
export default class TextTransformer extends Transformer {
  override readonly outputs: readonly TensorSpec[] = LABELS.map((name) => ({ name, datatype: "FP64", shape: [-1] }));
  #tokenizer: Tokenizer | undefined;

  override async load() {
    const file = new URL("tokenizer.json", import.meta.url);
    this.#tokenizer = await loadTokenizer(readFileSync(file, "utf8"), "tokenizer.json");
  }

  override preprocess(request: InferRequest) {
    const tokenizer = this.#tokenizer;
    if (tokenizer === undefined) throw new Error("a request came before load was done");
    const truncation = { maxLength: MAX_TOKENS };
    const encodings = request.instances.map((row, index) => tokenizer.encode(readText(row, index), { truncation }));
    const padded = padEncodings(encodings, { id: 0, token: "[PAD]" });
    return request.withInputs(tokenTensors(padded, ["input_ids", "attention_mask"]));
  }

  override postprocess(response: InferResponse) {
    return response.withPredictions(labelScores(response.output(), LABELS, { softmax: true }));
  }
}

function readText(row: JsonValue, index: number): string {
  if (typeof row === "string") return row;
  const text = row !== null && typeof row === "object" && "text" in row ? row["text"] : undefined;
  if (typeof text === "string") return text;
  throw new InferenceError(`instances[${index}].text: expected a string`, { code: "invalid_argument" });
}
