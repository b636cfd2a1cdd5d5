import {
  type InferRequest,
  type InferResponse,
  type RequestContext,
  Transformer,
  type TransformerFactoryOptions,
} from "kserve-transformer";
import { classifyTexts, loadTextModel, padEncodings, type TextModel, tokenTensors } from "kserve-transformer/text";
import { z } from "zod";

const comment = z.object({ author: z.string(), comment: z.string().max(5000) });

interface State {
  authors: string[];
}

/** Comments → tokens → classifier → whether a person should look at them. */
class Moderation extends Transformer<State> {
  readonly #model: TextModel;

  constructor(model: TextModel) {
    super();
    this.#model = model;
  }

  override createState(): State {
    return { authors: [] };
  }

  override preprocess(request: InferRequest, { state }: RequestContext<State>): InferRequest {
    const { tokenizer, padding, maxLength = 512 } = this.#model;
    const rows = request.rows(comment);
    state.authors = rows.map(({ author }) => author);
    const encodings = rows.map((row) => tokenizer.encode(row.comment, { truncation: { maxLength } }));
    return request.withInputs(tokenTensors(padEncodings(encodings, padding)));
  }

  override postprocess(response: InferResponse, { state }: RequestContext<State>): InferResponse {
    const { labels, activation } = this.#model;
    return response.withPredictions(
      classifyTexts(response.output(), labels, activation).map(([best], index) => ({
        author: state.authors[index] ?? "",
        mood: best?.label ?? "",
        review: best?.label === "angry" && best.score > 0.5,
      })),
    );
  }
}

export default async function createModeration({ env }: TransformerFactoryOptions): Promise<Moderation> {
  return new Moderation(await loadTextModel(env["MODEL_FOLDER"] ?? "./model"));
}
