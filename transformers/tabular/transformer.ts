import { readFile } from "node:fs/promises";
import {
  InferenceError,
  InferRequest,
  type InferResponse,
  type RequestContext,
  type TensorSpec,
  Transformer,
  type TransformerFactoryOptions,
} from "kserve-transformer";
import {
  createLinearModel,
  createVectorizer,
  type LinearModel,
  type PredictorResponse,
  parseTabularSpecification,
  readPredictorResponse,
  responseRows,
  responseSpecs,
  type TabularSpecification,
  type Vectorizer,
} from "kserve-transformer/tabular";

interface State {
  /** Feature vectors of one request, which the coefficients are applied to after the predictor has answered. */
  vectors: number[][];
  /** No predictor was asked: the response is the client's. */
  isScored: boolean;
}

/** How far from a tie a probability must be for the predictor's class to count as another one. */
const TIE = 1e-6;

/** Records → feature vectors → predictor, or the specification's own model → probability and decision, as one specification says. */
export class TabularTransformer extends Transformer<State> {
  override readonly outputs: readonly TensorSpec[];
  override readonly rowSchema: Vectorizer["records"];
  override readonly featureNames: readonly string[];
  readonly #specification: TabularSpecification;
  readonly #vectorizer: Vectorizer;
  readonly #model: LinearModel | undefined;

  constructor(specification: TabularSpecification) {
    super();
    this.outputs = responseSpecs(specification);
    this.#specification = specification;
    this.#vectorizer = createVectorizer(specification);
    this.rowSchema = this.#vectorizer.records;
    this.featureNames = this.#vectorizer.featureNames;
    this.#model = specification.model && createLinearModel(specification);
  }

  override createState(): State {
    return { vectors: [], isScored: false };
  }

  override preprocess(request: InferRequest, context: RequestContext<State>): InferRequest {
    context.state.vectors = this.#vectorizer.vectors(request);
    // As rows: they are named and cast as the predictor's metadata says.
    return request.withInstances(context.state.vectors);
  }

  override async predict(request: InferRequest, context: RequestContext<State>): Promise<InferResponse> {
    const { predictor, answer } = this.#specification;
    if (this.#model !== undefined && asksNoPredictor(this.#specification)) {
      context.state.isScored = true;
      return request.reply({ predictions: responseRows(this.#model.predict(context.state.vectors), answer) });
    }
    if (predictor.output === undefined) return context.predictor.infer(request);
    return context.predictor.infer(askFor(request, predictor.output), { forwardRequestedOutputs: true });
  }

  override postprocess(response: InferResponse, context: RequestContext<State>): InferResponse {
    if (context.verb === "explain" || context.state.isScored) return response;
    const said = readPredictorResponse(response, this.#specification);
    const known: PredictorResponse =
      said.kind === "classes"
        ? { kind: "probabilities", probabilities: this.#score(context.state.vectors, said.classes) }
        : said;
    return response.withPredictions(responseRows(known, this.#specification.answer));
  }

  /** Probabilities of the coefficients, for a predictor that gives classes alone; both must be the same model. */
  #score(vectors: readonly number[][], classes: readonly number[]): number[][] {
    if (this.#model === undefined) {
      const message =
        "the predictor answers classes without probabilities: have it answer them, or add 'model' to the specification";
      throw new InferenceError(message, { code: "bad_gateway" });
    }
    const probabilities = this.#model.probabilities(vectors);
    probabilities.forEach((row, index) => {
      const [likeliest, said] = [Math.max(...row), row[classes[index] ?? -1] ?? 0];
      if (likeliest - said <= TIE) return;
      const message = `predictions[${index}]: the predictor's class is not that of the specification's coefficients; export the specification of the model that is served`;
      throw new InferenceError(message, { code: "bad_gateway" });
    });
    return probabilities;
  }
}

/** Version 2 scores with the model that it holds; version 1 where it says so. */
function asksNoPredictor(specification: TabularSpecification): boolean {
  return specification.version === 2 || specification.probabilities === "coefficients";
}

function askFor(request: InferRequest, output: string): InferRequest {
  const requestedOutputs = [{ name: output, parameters: {} }];
  const { modelName, modelVersion, content } = request;
  return new InferRequest({ modelName, modelVersion, content: { ...content, requestedOutputs } });
}

/** Reads the specification that the environment variable TABULAR_SPEC names. */
export default async function createTabularTransformer({
  env,
}: TransformerFactoryOptions): Promise<TabularTransformer> {
  const path = env["TABULAR_SPEC"];
  if (path === undefined || path === "") {
    throw new InferenceError("TABULAR_SPEC is not set: it names the JSON file that export_sklearn.py writes");
  }
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new InferenceError(`TABULAR_SPEC: cannot read ${path} (${cause.code})`, { cause });
  });
  return new TabularTransformer(parseTabularSpecification(text, path));
}
