import { type InferRequest, type InferResponse, type RequestContext, Transformer } from "kserve-transformer";
import { imageInstance, imageTensor, loadImages } from "kserve-transformer/image";
import { labelScores } from "kserve-transformer/labels";

/** In the order of the model's outputs. */
const LABELS = ["dark", "bright"];

/** `{"url": "https://…"}` or `{"b64": "…"}` in front, pixels at the predictor, `{"dark": 0.1, "bright": 0.9}` as the response. */
export default class ImageTransformer extends Transformer {
  override readonly rowSchema = imageInstance;

  override async preprocess(request: InferRequest, context: RequestContext) {
    const images = await loadImages(request.rows(imageInstance), context);
    // Size and scaling as the model was trained: tf is -1 to 1, torch is ImageNet's mean and deviation, caffe its BGR.
    return request.withInputs([await imageTensor("image", images, { size: [224, 224], scaling: "tf" })]);
  }

  override postprocess(response: InferResponse) {
    return response.withPredictions(labelScores(response.output(), LABELS, { softmax: true }));
  }
}
