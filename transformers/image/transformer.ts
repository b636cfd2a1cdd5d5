import {
  type InferRequest,
  type InferResponse,
  type RequestContext,
  type Tensor,
  Transformer,
  type TransformerFactoryOptions,
} from "kserve-transformer";
import { type Image, type ImageGeometry, imageInstance, imageTensor, loadImages } from "kserve-transformer/image";
import { labelScores } from "kserve-transformer/labels";
import { readKerasConfiguration } from "./configuration.ts";
import { createFolderFront } from "./folder-front.ts";

/** What stands between a client's pictures and a model. */
export interface ImageFront {
  readonly loadOptions: { readonly autoOrient?: boolean };
  /** Name of the predictor's input where nothing says it. */
  readonly inputName: string;
  readonly prepare: (name: string, images: readonly Image[]) => Promise<PreparedPictures>;
  readonly respond: (response: InferResponse, sent: Sent) => InferResponse | Promise<InferResponse>;
}

export interface PreparedPictures {
  /** The first is the pictures' tensor. */
  readonly tensors: readonly Tensor[];
  /** Where each picture went on its way there. */
  readonly geometry: readonly ImageGeometry[];
}

/** What `respond` has to know of the request. */
export interface Sent {
  readonly geometry: readonly ImageGeometry[];
  readonly signal: AbortSignal;
}

interface State {
  geometry: readonly ImageGeometry[];
}

/** Picture URLs or bytes → the model's tensor → what the front makes of its outputs. */
export class ImageTransformer extends Transformer<State> {
  override readonly rowSchema: typeof imageInstance = imageInstance;
  readonly #front: ImageFront;
  readonly #inputName: string | undefined;

  constructor(front: ImageFront, inputName?: string) {
    super();
    this.#front = front;
    this.#inputName = inputName;
  }

  override createState(): State {
    return { geometry: [] };
  }

  override async preprocess(
    request: InferRequest,
    context: RequestContext<State>,
  ): Promise<InferRequest | InferResponse> {
    const { loadOptions, prepare, inputName } = this.#front;
    const images = await loadImages(request.rows(imageInstance), context, loadOptions);
    if (images.length === 0) return request.reply({ predictions: [] });
    const { predictor, signal } = context;
    // V1 predictors take rows without names; the others say what their inputs are called.
    const declared = (await predictor.metadata({ signal }))?.inputs.map(({ name }) => name);
    const own = declared?.find((name) => name === inputName) ?? declared?.[0] ?? inputName;
    const { tensors, geometry } = await prepare(this.#inputName ?? own, images);
    context.state.geometry = geometry;
    const [pictures, ...others] = tensors;
    const wanted = others.filter(({ name }) => declared === undefined || declared.includes(name));
    return request.withInputs(pictures === undefined ? [] : [pictures, ...wanted]);
  }

  override postprocess(
    response: InferResponse,
    { verb, signal, state: { geometry } }: RequestContext<State>,
  ): InferResponse | Promise<InferResponse> {
    return verb === "explain" ? response : this.#front.respond(response, { geometry, signal });
  }
}

/** A Keras classifier, said by the environment alone. */
function createKerasFront(env: TransformerFactoryOptions["env"]): ImageFront {
  const configuration = readKerasConfiguration(env);
  const { labels, softmax } = configuration;
  return {
    loadOptions: {},
    inputName: "input-0",
    prepare: async (name, images) => ({ tensors: [await imageTensor(name, images, configuration)], geometry: [] }),
    respond: (response) => response.withPredictions(labelScores(response.output(), labels, { softmax })),
  };
}

/** Configured by a model's folder or the environment; README.md lists the variables. */
export default async function createImageTransformer({ env }: TransformerFactoryOptions): Promise<ImageTransformer> {
  const folder = env["IMAGE_MODEL_FOLDER"];
  const front = folder ? await createFolderFront(folder, env) : createKerasFront(env);
  return new ImageTransformer(front, env["MODEL_INPUT_NAME"] || undefined);
}
