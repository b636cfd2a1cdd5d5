import { createTensor, type InferRequest } from "kserve-transformer";
import ImageTransformer from "./transformer.ts";

/** The transformer with the mean of the pixels in place of its predictor, to try it on a laptop: `npm start`. */
export default class LocalTransformer extends ImageTransformer {
  override predict(request: InferRequest) {
    const { data, shape } = request.input("image", "FP32");
    const [count = 0] = shape;
    const size = data.length / count;
    const logits = new Float32Array(2 * count);
    for (let index = 0; index < count; index += 1) {
      const pixels = data.subarray(index * size, (index + 1) * size);
      const mean = pixels.reduce((sum, value) => sum + value, 0) / size;
      logits.set([-3 * mean, 3 * mean], 2 * index);
    }
    return request.reply({ outputs: [createTensor("logits", "FP32", [count, 2], logits)] });
  }
}
