import { createTensor, type InferRequest, type InferResponse } from "kserve-transformer";
import LengthTransformer from "./saved-model.ts";

/** The same with a predictor of its own, as the templates' `local.ts`. */
export default class LocalTransformer extends LengthTransformer {
  override predict(request: InferRequest): InferResponse {
    const { data, shape } = request.input("length", "FP32");
    return request.reply({
      outputs: [
        createTensor(
          "double",
          "FP32",
          shape,
          data.map((length) => 2 * length),
        ),
      ],
    });
  }
}
