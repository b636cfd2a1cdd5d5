import { readFileSync } from "node:fs";
import { type InferRequest, Transformer } from "kserve-transformer";
import { loadTokenizer, padEncodings, tokenTensors } from "kserve-transformer/text";
import { z } from "zod";

const FILE = new URL("../../templates/text/tokenizer.json", import.meta.url);
const sentence = z.object({ text: z.string() });

/** Text → token ids and attention mask, all at one length. */
export default class Tokens extends Transformer {
  readonly #tokenizer = loadTokenizer(readFileSync(FILE, "utf8"), "tokenizer.json");

  override async preprocess(request: InferRequest) {
    const tokenizer = await this.#tokenizer;
    const encodings = request
      .rows(sentence)
      .map(({ text }) => tokenizer.encode(text, { truncation: { maxLength: 128 } }));
    return request.withInputs(
      tokenTensors(padEncodings(encodings, { id: 0, token: "[PAD]" }), ["input_ids", "attention_mask"]),
    );
  }
}
