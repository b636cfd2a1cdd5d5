import * as tf from "@tensorflow/tfjs";
import { type InferRequest, type InferResponse, Transformer } from "kserve-transformer";
import { fromTfTensor, toTfTensor, withTensors } from "kserve-transformer/tfjs";
import { z } from "zod";

const pair = z.object({ left: z.number().min(0).max(9), right: z.number().min(0).max(9) });

/** Do two numbers stand on different sides of five? Tensors are made and scaled by TensorFlow.js, and disposed. */
export default class DifferTransformer extends Transformer {
  override preprocess(request: InferRequest) {
    const rows = request.rows(pair);
    return withTensors(async (keep) => {
      const pairs = keep(
        tf.tensor2d(
          rows.flatMap(({ left, right }) => [left, right]),
          [rows.length, 2],
        ),
      );
      const sides = keep(tf.tidy(() => pairs.greaterEqual(5).toFloat()));
      return request.withInputs([await fromTfTensor("pair_input", sides)]);
    });
  }

  override postprocess(response: InferResponse) {
    return withTensors(async (keep) => {
      const chances = keep(toTfTensor(tf, response.output())) as tf.Tensor;
      const decided = keep(tf.tidy(() => chances.greater(0.5)));
      const differ = await decided.data();
      return response.withPredictions(Array.from(differ, (value) => ({ differ: value === 1 })));
    });
  }
}
