import {
  type InferRequest,
  type InferResponse,
  type RequestContext,
  Transformer,
  type TransformerFactoryOptions,
} from "kserve-transformer";
import { imageInstance, imageTensor, loadImages } from "kserve-transformer/image";
import { labelScores } from "kserve-transformer/labels";
import { type ImageConfiguration, readConfiguration } from "./configuration.ts";

/** Image URLs or bytes → the tensor of a Keras model → one object of scores by label for each image. */
export class ImageTransformer extends Transformer {
  override readonly rowSchema: typeof imageInstance = imageInstance;
  readonly #configuration: ImageConfiguration;

  constructor(configuration: ImageConfiguration) {
    super();
    this.#configuration = configuration;
  }

  override async preprocess(request: InferRequest, context: RequestContext): Promise<InferRequest> {
    const images = await loadImages(request.rows(imageInstance), context);
    return request.withInputs([await imageTensor(await this.#inputName(context), images, this.#configuration)]);
  }

  override postprocess(response: InferResponse, context: RequestContext): InferResponse {
    if (context.verb === "explain") return response;
    const { labels, softmax } = this.#configuration;
    return response.withPredictions(labelScores(response.output(), labels, { softmax }));
  }

  /** V1 predictors take rows without names; the others say what their input is called. */
  async #inputName({ predictor, signal }: RequestContext): Promise<string> {
    const { inputName } = this.#configuration;
    return inputName ?? (await predictor.metadata({ signal }))?.inputs[0]?.name ?? "input-0";
  }
}

/** Configured by the environment alone; README.md lists the variables. */
export default function createImageTransformer({ env }: TransformerFactoryOptions): ImageTransformer {
  return new ImageTransformer(readConfiguration(env));
}
