import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type InferRequest,
  type JsonObject,
  type Predictor,
  type RequestContext,
  type Tensor,
  Transformer,
  type TransformerFactoryOptions,
} from "kserve-transformer";
import { type Image, imageInstance, loadImages } from "kserve-transformer/image";
import { createHttpPredictor, createOnnxPredictor } from "kserve-transformer/predictor";
import { cropText, turnAround } from "./crop.ts";
import { decodeTexts, decodeTurns } from "./decode.ts";
import { detectorTensor, findTextBoxes } from "./detector.ts";
import { preparePage } from "./page.ts";
import { type TextBatch, textBatches } from "./text-batches.ts";

/** Pictures → where text is (the predictor) → crops → which stand on their heads (the turner) → what they say (the recogniser). */
class Ocr extends Transformer {
  override readonly rowSchema = imageInstance;

  readonly #turner: Predictor;
  readonly #recogniser: Predictor;
  readonly #characters: readonly string[];

  constructor(turner: Predictor, recogniser: Predictor, characters: readonly string[]) {
    super();
    this.#turner = turner;
    this.#recogniser = recogniser;
    this.#characters = characters;
  }

  override async predict(request: InferRequest, context: RequestContext) {
    const images = await loadImages(request.rows(imageInstance), context);
    const predictions: JsonObject[][] = [];
    for (const image of images) predictions.push(await this.#read(image, request, context));
    return request.reply({ predictions });
  }

  async #read(image: Image, request: InferRequest, { predictor, signal }: RequestContext): Promise<JsonObject[]> {
    /** All batches at once; what they say of each crop, in the order of the crops. */
    const ask = async <T>(model: Predictor, batches: readonly TextBatch[], decode: (output: Tensor) => T[]) => {
      const responses = batches.map(({ tensor }) => model.infer(request.withInputs([tensor]), { signal }));
      const decoded = (await Promise.all(responses)).map((response) => decode(response.output()));
      const places = batches.flatMap((batch) => batch.places);
      return decoded.flat().map((_, place, all) => all[places.indexOf(place)] as T);
    };
    const { raster, toPicture } = preparePage(await image.decode());
    const map = await predictor.infer(request.withInputs([detectorTensor("x", raster)]));
    const boxes = findTextBoxes(map.output(), raster);
    const crops = boxes.map((box) => cropText(raster, box));
    const turns = await ask(this.#turner, textBatches("x", crops, 192, 192), decodeTurns);
    const upright = crops.map((crop, place) => (turns[place] ? turnAround(crop) : crop));
    const lines = await ask(this.#recogniser, textBatches("x", upright, 320), (scores) =>
      decodeTexts(scores, this.#characters),
    );
    return lines
      .map(({ text, score }, place) => ({ text, score, box: toPicture(boxes[place] as (typeof boxes)[number]) }))
      .filter(({ score }) => score >= 0.5);
  }

  override async close() {
    await Promise.all([this.#turner.close(), this.#recogniser.close()]);
  }
}

export default async function createOcr({ env }: TransformerFactoryOptions): Promise<Transformer> {
  const { OCR_MODELS: folder = "models", OCR_HOST: host } = env;
  const model = (name: string): Predictor =>
    host === undefined
      ? createOnnxPredictor({ path: join(folder, `${name}.onnx`) })
      : createHttpPredictor({ protocol: "v2", binary: "on", host, predictorModelName: name });
  const characters = await readFile(join(folder, "characters.txt"), "utf8");
  return new Ocr(model("turner"), model("recogniser"), characters.split("\n"));
}
