import {
  type InferRequest,
  type InferResponse,
  type RequestContext,
  type Tensor,
  Transformer,
  type TransformerFactoryOptions,
} from "kserve-transformer";
import { type Image, imageInstance, imageTensor, loadImages } from "kserve-transformer/image";
import { labelScores } from "kserve-transformer/labels";
import { readKerasConfiguration } from "./configuration.ts";
import { createFolderFront } from "./folder-front.ts";

/** What stands between a client's pictures and a model. */
export interface ImageFront {
  readonly loadOptions: { readonly autoOrient?: boolean };
  /** Name of the predictor's input where nothing says it. */
  readonly inputName: string;
  /** The first is the pictures' tensor. */
  readonly prepare: (name: string, images: readonly Image[]) => Promise<readonly Tensor[]>;
  readonly respond: (response: InferResponse) => InferResponse;
}

/** Picture URLs or bytes → the model's tensor → what the front makes of its outputs. */
export class ImageTransformer extends Transformer {
  override readonly rowSchema: typeof imageInstance = imageInstance;
  readonly #front: ImageFront;
  readonly #inputName: string | undefined;

  constructor(front: ImageFront, inputName?: string) {
    super();
    this.#front = front;
    this.#inputName = inputName;
  }

  override async preprocess(request: InferRequest, context: RequestContext): Promise<InferRequest> {
    const { loadOptions, prepare, inputName } = this.#front;
    const images = await loadImages(request.rows(imageInstance), context, loadOptions);
    const { predictor, signal } = context;
    // V1 predictors take rows without names; the others say what their inputs are called.
    const declared = (await predictor.metadata({ signal }))?.inputs.map(({ name }) => name);
    const own = declared?.find((name) => name === inputName) ?? declared?.[0] ?? inputName;
    const [pictures, ...others] = await prepare(this.#inputName ?? own, images);
    const wanted = others.filter(({ name }) => declared === undefined || declared.includes(name));
    return request.withInputs(pictures === undefined ? [] : [pictures, ...wanted]);
  }

  override postprocess(response: InferResponse, context: RequestContext): InferResponse {
    return context.verb === "explain" ? response : this.#front.respond(response);
  }
}

/** A Keras classifier, said by the environment alone. */
function createKerasFront(env: TransformerFactoryOptions["env"]): ImageFront {
  const configuration = readKerasConfiguration(env);
  const { labels, softmax } = configuration;
  return {
    loadOptions: {},
    inputName: "input-0",
    prepare: async (name, images) => [await imageTensor(name, images, configuration)],
    respond: (response) => response.withPredictions(labelScores(response.output(), labels, { softmax })),
  };
}

/** Configured by a model's folder or the environment; README.md lists the variables. */
export default async function createImageTransformer({ env }: TransformerFactoryOptions): Promise<ImageTransformer> {
  const folder = env["IMAGE_MODEL_FOLDER"];
  const front = folder ? await createFolderFront(folder, env) : createKerasFront(env);
  return new ImageTransformer(front, env["MODEL_INPUT_NAME"] || undefined);
}
