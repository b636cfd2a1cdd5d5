import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { InferRequest, Predictor, RequestContext, Tensor, TransformerFactoryOptions } from "kserve-transformer";
import { Transformer } from "kserve-transformer";
import { imageInstance, loadImages, type Quadrilateral } from "kserve-transformer/image";
import { createHttpPredictor, createOnnxPredictor } from "kserve-transformer/predictor";
import { askInBatches } from "./ask-in-batches.ts";
import { cropText, turnAround } from "./crop.ts";
import { decodeTexts, decodeTurns } from "./decode.ts";
import { detectorTensor, findTextBoxes } from "./detector.ts";
import { preparePage } from "./page.ts";
import { textBatches } from "./text-batches.ts";

export default async function createOcr({ env }: TransformerFactoryOptions): Promise<Transformer> {
  const { OCR_MODELS: folder = "models", OCR_HOST: host } = env;
  const model = (name: string): Predictor =>
    host === undefined
      ? createOnnxPredictor({ path: join(folder, `${name}.onnx`) })
      : createHttpPredictor({ protocol: "v2", binary: "on", host, predictorModelName: name });
  const [turner, recogniser] = [model("turner"), model("recogniser")];
  const characters = (await readFile(join(folder, "characters.txt"), "utf8")).split("\n");

  /** Picture → where text is (the predictor) → crops → which stand on their heads (the turner) → what they say (the recogniser). */
  class Ocr extends Transformer {
    override readonly rowSchema = imageInstance;

    override async predict(request: InferRequest, context: RequestContext) {
      const { predictor, signal } = context;
      const predictions = [];
      for (const image of await loadImages(request.rows(imageInstance), context)) {
        const { raster, toPicture } = preparePage(await image.decode());
        const map = await predictor.infer(request.withInputs([detectorTensor("x", raster)]));
        const boxes = findTextBoxes(map.output(), raster);
        const crops = boxes.map((box) => cropText(raster, box));
        const turns = await askInBatches(turner, textBatches("x", crops, 192, 192), decodeTurns, request, signal);
        const upright = crops.map((crop, place) => (turns[place] ? turnAround(crop) : crop));
        const batches = textBatches("x", upright, 320);
        const read = (scores: Tensor) => decodeTexts(scores, characters);
        const lines = await askInBatches(recogniser, batches, read, request, signal);
        const placed = lines.map((line, place) => ({ ...line, box: toPicture(boxes[place] as Quadrilateral) }));
        predictions.push(placed.filter(({ score }) => score >= 0.5));
      }
      return request.reply({ predictions });
    }

    override async close() {
      await Promise.all([turner.close(), recogniser.close()]);
    }
  }
  return new Ocr();
}
