import { guardResponse, PredictorValues } from "../../convert/response-faults.ts";
import { invalidArgument } from "../../errors.ts";
import type { ResponseContent } from "../../inference/content.ts";
import { InferResponse } from "../../inference/infer-response.ts";
import { TensorValues } from "../../inference/row-and-tensor-values.ts";
import { ByteElementsBudget } from "../../tensor/elements/byte-elements-budget.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { finish, LARGE, type Steps, Turns } from "../../turns.ts";
import { reading } from "../grpc/infer-message.ts";
import type { Limits } from "../limits.ts";
import { decodeTensor, type TensorBudget } from "./decode-tensor.ts";
import { readMapEntry, visitFields } from "./map-entry.ts";
import { readVersion } from "./model-spec.ts";

/**
 * A response from a `tensorflow.serving.PredictResponse`: the outputs in the order of the message. Elements are read when first asked for.
 * @throws InferenceError bad_gateway that says what is wrong with it.
 */
export function decodePredictResponse(bytes: Uint8Array, modelName: string, limits: Limits): InferResponse {
  return finish(decode(bytes, modelName, limits, false));
}

/** The same, a large one with its elements, in turns with other work. @throws the signal's reason as well. */
export async function decodePredictResponseInTurns(
  bytes: Uint8Array,
  modelName: string,
  limits: Limits,
  signal: AbortSignal | undefined,
): Promise<InferResponse> {
  if (bytes.length < LARGE) return decodePredictResponse(bytes, modelName, limits);
  return new Turns(signal).finish(decode(bytes, modelName, limits, true));
}

function* decode(bytes: Uint8Array, modelName: string, limits: Limits, filled: boolean): Steps<InferResponse> {
  const content = yield* guarded(readContent(bytes, limits, filled));
  return new InferResponse({ modelName, content });
}

const guard = <T>(read: () => T): T => guardResponse(() => reading("PredictResponse", read));

/** Steps whose faults are the predictor's. */
function* guarded<Result>(steps: Steps<Result>): Steps<Result> {
  for (;;) {
    const { done, value } = guard(() => steps.next());
    if (done === true) return value;
    yield;
  }
}

function* readContent(bytes: Uint8Array, limits: Limits, filled: boolean): Steps<ResponseContent> {
  const { maxElements, maxResponseBytes, maxTensors } = limits;
  const byteElements = new ByteElementsBudget(maxElements);
  const budget: TensorBudget = { maxElements, byteElements, repeatedBytes: maxResponseBytes };
  const entries: Uint8Array[] = [];
  let modelVersion: string | undefined;
  visitFields(bytes, (field, value) => {
    if (field === 2) modelVersion = readVersion(value);
    if (field === 1) entries.push(value);
    if (entries.length > maxTensors) {
      throw invalidArgument(`outputs: more than the limit of ${maxTensors} (max_tensors)`);
    }
  });
  const outputs = new Map<string, Tensor>();
  for (const entry of entries) {
    const [name, tensor] = readMapEntry(entry);
    if (outputs.has(name)) throw invalidArgument(`outputs: two tensors are named '${name}'`);
    outputs.set(name, yield* decodeTensor(name, tensor, budget, guard, filled));
  }
  const values = new PredictorValues(new TensorValues([...outputs.values()], "output"));
  return { ...(modelVersion === undefined ? {} : { modelVersion }), parameters: {}, members: {}, values };
}
