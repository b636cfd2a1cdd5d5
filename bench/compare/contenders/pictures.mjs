import { Transformer } from "kserve-transformer";
import { imageInstance, imageTensor, loadImages } from "kserve-transformer/image";

/** A picture, by URL or base64, becomes FP32[n, 299, 299, 3] between -1 and 1; the Python contenders do the same. */
export default class Pictures extends Transformer {
  async preprocess(request, context) {
    const images = await loadImages(request.rows(imageInstance), context);
    return request.withInputs([
      await imageTensor("image", images, { size: [299, 299], scaling: "tf", resample: "bilinear" }),
    ]);
  }
}
