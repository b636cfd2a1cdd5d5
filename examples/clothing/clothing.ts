import { type InferRequest, type InferResponse, type RequestContext, Transformer } from "kserve-transformer";
import { imageInstance, imageTensor, loadImages } from "kserve-transformer/image";
import { labelScores } from "kserve-transformer/labels";

const LABELS = ["dress", "hat", "longsleeve", "outwear", "pants", "shirt", "shoes", "shorts", "skirt", "t-shirt"];

export default class ClothingTransformer extends Transformer {
  override async preprocess(request: InferRequest, context: RequestContext) {
    const images = await loadImages(request.rows(imageInstance), context);
    return request.withInputs([await imageTensor("image", images, { size: [192, 192], scaling: "tf" })]);
  }

  override postprocess(response: InferResponse) {
    return response.withPredictions(labelScores(response.output(), LABELS, { softmax: true }));
  }
}
