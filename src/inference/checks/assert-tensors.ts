import { assertElements, assertHead, describeData, isPromise } from "../../tensor/elements/assert-elements.ts";
import { authorsFault } from "../../tensor/elements/authors-fault.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/**
 * Checks the tensors that a hook hands over as `method` of a request or a response. Elements that are read when asked for
 * stay unread.
 * @throws InferenceError internal that says what to write instead: `await …` for a promise, `[tensor]` for a lone tensor.
 */
export function assertTensors(tensors: unknown, method: string): asserts tensors is readonly Tensor[] {
  if (isPromise(tensors))
    throw authorsFault(`${method} takes an array of tensors, got a promise: write await before it`);
  if (!Array.isArray(tensors)) {
    const instead = isTensorLike(tensors) ? `a lone tensor: write ${method}([tensor])` : describeData(tensors);
    throw authorsFault(`${method} takes an array of tensors, got ${instead}`);
  }
  const names = new Set<string>();
  for (const [index, tensor] of (tensors as unknown[]).entries()) {
    if (isPromise(tensor)) {
      throw authorsFault(
        `${method} takes an array of tensors, got a promise as element ${index}: write await before it, as in [await imageTensor(…)]`,
      );
    }
    if (!isTensorLike(tensor)) {
      throw authorsFault(
        `${method} takes an array of tensors, got ${describeData(tensor)} as element ${index}: make it with createTensor`,
      );
    }
    const { name, datatype, shape } = tensor;
    const data = Object.getOwnPropertyDescriptor(tensor, "data")?.value as Tensor["data"] | undefined;
    if (data === undefined) assertHead(name, datatype, shape);
    else assertElements(name, datatype, shape, data);
    if (names.has(name)) throw authorsFault(`${method}: two tensors are named '${name}'`);
    names.add(name);
  }
}

function isTensorLike(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "datatype" in value && "shape" in value && "data" in value;
}
