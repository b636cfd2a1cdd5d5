import {
  type InferRequest,
  type InferResponse,
  type Predictor,
  type RequestContext,
  Transformer,
} from "kserve-transformer";

/** Asks two models at once and gives the mean of their scores. */
export class Ensemble extends Transformer {
  readonly #second: Predictor;

  constructor(second: Predictor) {
    super();
    this.#second = second;
  }

  override async predict(request: InferRequest, context: RequestContext): Promise<InferResponse> {
    const { signal } = context;
    const responses = await Promise.all([context.predictor.infer(request), this.#second.infer(request, { signal })]);
    const [first = [], second = []] = responses.map(({ predictions }) => predictions.map(Number));
    return request.reply({ predictions: first.map((score, row) => (score + (second[row] ?? 0)) / 2) });
  }

  override close() {
    return this.#second.close();
  }
}
