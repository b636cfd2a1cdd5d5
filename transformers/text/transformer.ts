import { setImmediate } from "node:timers/promises";
import {
  InferenceError,
  type InferRequest,
  type InferResponse,
  type JsonValue,
  type RequestContext,
  type Tensor,
  Transformer,
  type TransformerFactoryOptions,
} from "kserve-transformer";
import {
  classifyTexts,
  type Encoding,
  findAnswers,
  findEntities,
  padEncodings,
  poolEmbeddings,
  type TokenTensorName,
  type TruncationOptions,
  tokenRows,
  tokenTensors,
} from "kserve-transformer/text";
import { readConfiguration, type TextConfiguration } from "./configuration.ts";
import { type TextRow, textRowSchema } from "./text-row.ts";

/** What went to the predictor: encodings of one length, and for each the row that it is a window of. */
interface State {
  rows: readonly TextRow[];
  encodings: readonly Encoding[];
  rowOf: readonly number[];
}

/** Texts → tokens → predictor → labels, entities, answers or embeddings, as the model's folder says. */
export class TextTransformer extends Transformer<State> {
  readonly #configuration: TextConfiguration;
  readonly #schema: ReturnType<typeof textRowSchema>;

  constructor(configuration: TextConfiguration) {
    super();
    this.#configuration = configuration;
    this.#schema = textRowSchema(configuration.model.task);
  }

  override createState(): State {
    return { rows: [], encodings: [], rowOf: [] };
  }

  override async preprocess(
    request: InferRequest,
    context: RequestContext<State>,
  ): Promise<InferRequest | InferResponse> {
    const rows = request.rows(this.#schema);
    if (rows.length === 0) return request.reply({ predictions: [] });
    const windows: Encoding[][] = [];
    let [count, longest] = [0, 0];
    for (const [index, row] of rows.entries()) {
      const encodings = await this.#encode(row, index, context);
      windows.push(encodings);
      count += encodings.length;
      longest = Math.max(longest, ...encodings.map(({ tokens }) => tokens.length));
      this.#assertTokens(count, longest);
      // A short text takes milliseconds; others run between two.
      await setImmediate();
      context.signal.throwIfAborted();
    }
    const encodings = padEncodings(windows.flat(), this.#configuration.model.padding);
    await setImmediate();
    context.state.rows = rows;
    context.state.encodings = encodings;
    context.state.rowOf = windows.flatMap((some, index) => some.map(() => index));
    return request.withInputs(tokenTensors(encodings, await this.#inputNames(context)));
  }

  override postprocess(response: InferResponse, context: RequestContext<State>): InferResponse {
    if (context.verb === "explain") return response;
    const { model, top, aggregation: strategy, pooling } = this.#configuration;
    const { rows, encodings } = context.state;
    if (model.task === "embeddings") {
      const hidden = outputOf(response, ["last_hidden_state", "token_embeddings"]);
      return response.withOutputs([poolEmbeddings(hidden, encodings, pooling)]);
    }
    if (model.task === "question-answering") return response.withPredictions(this.#answers(response, context.state));
    const logits = outputOf(response, ["logits"]);
    if (model.task === "sequence-classification") {
      const ranked = classifyTexts(logits, model.labels, model.activation);
      return response.withPredictions(ranked.map((row) => firstOrSome(row, top)));
    }
    const texts = rows.map(({ text }) => text);
    const { labels, unknownToken, tokenizer } = model;
    const { marksContinuation } = tokenizer;
    return response.withPredictions(
      findEntities(logits, encodings, texts, { labels, strategy, unknownToken, marksContinuation }),
    );
  }

  #assertTokens(count: number, longest: number): void {
    const { maxTokens } = this.#configuration;
    if (count * longest <= maxTokens) return;
    const message = `instances: ${count} texts padded to ${longest} tokens are more than ${maxTokens} tokens (TEXT_MAX_TOKENS): send long texts in a request of their own`;
    throw new InferenceError(message, { code: "payload_too_large" });
  }

  /** A text as one encoding; a question as windows over its context. */
  async #encode({ text, pair }: TextRow, index: number, context: RequestContext<State>): Promise<Encoding[]> {
    const { model, maxLength, maxCharacters, truncates } = this.#configuration;
    const characters = text.length + (pair?.length ?? 0);
    if (characters > maxCharacters) {
      const message = `instances[${index}]: the text has ${characters} characters, at most ${maxCharacters} are taken (TEXT_MAX_CHARACTERS)`;
      throw new InferenceError(message, { code: "invalid_argument" });
    }
    const side = model.truncationSide;
    if (model.task === "question-answering" && maxLength !== undefined) {
      const truncation: TruncationOptions = {
        maxLength,
        strategy: "only_second",
        stride: Math.min(Math.floor(maxLength / 2), 128),
      };
      const encoding = await model.tokenizer.encodeInThread(text, { pair, truncation }, context);
      return [encoding, ...encoding.overflowing];
    }
    const truncation = truncates && maxLength !== undefined ? { maxLength, side } : undefined;
    const encoding = await model.tokenizer.encodeInThread(text, { pair, truncation }, context);
    if (maxLength !== undefined && encoding.tokens.length > maxLength) {
      const message = `instances[${index}]: the text has ${encoding.tokens.length} tokens, at most ${maxLength} are taken; TEXT_TRUNCATION=true cuts longer ones`;
      throw new InferenceError(message, { code: "invalid_argument" });
    }
    return [encoding];
  }

  #answers(response: InferResponse, { rows, encodings, rowOf }: State): JsonValue[] {
    const { top, handleImpossible } = this.#configuration;
    const length = encodings[0]?.tokens.length ?? 0;
    const logitsOf = (name: string) => {
      const { datatype, shape, data } = response.output(name);
      const column = { name, datatype, shape: [...shape, 1], data } as Tensor;
      return tokenRows(column, encodings.length, length).map((tokens) => tokens.flat());
    };
    const [starts, ends] = [logitsOf("start_logits"), logitsOf("end_logits")];
    return rows.map(({ pair = "" }, row) => {
      const windows = encodings.flatMap((encoding, index) =>
        rowOf[index] === row ? [{ encoding, startLogits: starts[index] ?? [], endLogits: ends[index] ?? [] }] : [],
      );
      return firstOrSome(findAnswers(windows, pair, { top, handleImpossible }), top);
    });
  }

  /** What a V2 predictor's metadata says; else what the model is made with. */
  async #inputNames({ predictor, signal }: RequestContext<State>): Promise<TokenTensorName[]> {
    const names = (await predictor.metadata({ signal }))?.inputs.map(({ name }) => name);
    if (names === undefined) {
      return TOKEN_TENSORS.filter((name) => name !== "token_type_ids" || this.#configuration.model.hasTokenTypes);
    }
    return names.map((name) => {
      const known = TOKEN_TENSORS.find((tensor) => tensor === name);
      if (known !== undefined) return known;
      const message = `the predictor takes an input '${name}'; a text gives ${TOKEN_TENSORS.join(", ")}`;
      throw new InferenceError(message, { code: "bad_gateway" });
    });
  }
}

const TOKEN_TENSORS: readonly TokenTensorName[] = ["input_ids", "attention_mask", "token_type_ids"];

/** The output of one of these names, else the only one. */
function outputOf(response: InferResponse, names: readonly string[]): Tensor {
  return response.output(names.find((name) => response.outputs.some((output) => output.name === name)));
}

/** One object where one is asked for, as Hugging Face's pipelines give it. */
function firstOrSome<Value extends JsonValue>(values: readonly Value[], top: number): JsonValue {
  return top === 1 ? (values[0] ?? null) : values.slice(0, top);
}

/** Configured by a model's folder and the environment; README.md lists the variables. */
export default async function createTextTransformer({ env }: TransformerFactoryOptions): Promise<TextTransformer> {
  return new TextTransformer(await readConfiguration(env));
}
