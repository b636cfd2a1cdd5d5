import { guardResponse, PredictorValues } from "../../convert/response-faults.ts";
import { invalidArgument } from "../../errors.ts";
import type { ResponseContent } from "../../inference/content.ts";
import { InferResponse } from "../../inference/infer-response.ts";
import { TensorValues } from "../../inference/row-and-tensor-values.ts";
import { ByteElementsBudget } from "../../tensor/elements/byte-elements-budget.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { reading } from "../grpc/infer-message.ts";
import type { Limits } from "../limits.ts";
import { decodeTensor, type TensorBudget } from "./decode-tensor.ts";
import { readMapEntry, visitFields } from "./map-entry.ts";
import { readVersion } from "./model-spec.ts";

/**
 * A response from a `tensorflow.serving.PredictResponse`: the outputs in the order of the message.
 * @throws InferenceError bad_gateway that says what is wrong with it.
 */
export function decodePredictResponse(bytes: Uint8Array, modelName: string, limits: Limits): InferResponse {
  const guard = <T>(read: () => T): T => guardResponse(() => reading("PredictResponse", read));
  const content = guard((): ResponseContent => {
    const outputs: Tensor[] = [];
    const names = new Set<string>();
    const { maxElements, maxResponseBytes } = limits;
    const byteElements = new ByteElementsBudget(maxElements);
    const budget: TensorBudget = { maxElements, byteElements, repeatedBytes: maxResponseBytes };
    let modelVersion: string | undefined;
    visitFields(bytes, (field, value) => {
      if (field === 2) modelVersion = readVersion(value);
      if (field !== 1) return;
      const [name, tensor] = readMapEntry(value);
      if (names.has(name)) throw invalidArgument(`outputs: two tensors are named '${name}'`);
      names.add(name);
      outputs.push(decodeTensor(name, tensor, budget, guard));
      if (outputs.length > limits.maxTensors) {
        throw invalidArgument(`outputs: more than the limit of ${limits.maxTensors} (max_tensors)`);
      }
    });
    const values = new PredictorValues(new TensorValues(outputs, "output"));
    return { ...(modelVersion === undefined ? {} : { modelVersion }), parameters: {}, members: {}, values };
  });
  return new InferResponse({ modelName, content });
}
