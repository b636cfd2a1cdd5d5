import type { ResponseContent } from "../../inference/content.ts";
import { InferResponse } from "../../inference/infer-response.ts";
import { RowValues, TensorValues } from "../../inference/row-and-tensor-values.ts";
import { joinChunks } from "../../protocol/body-bytes.ts";
import type { JsonObject, JsonValue } from "../../tensor/json-value.ts";
import { LookupTensor } from "../../tensor/lookup-tensor.ts";
import { byteSize, createTensor, type Tensor } from "../../tensor/tensor.ts";

/** What the objects around a response and its place in the cache take in memory, bytes: measured, and rounded up. */
const ENTRY_BYTES = 2048;

/**
 * A response that several callers get. Each gets its own copy, so that what a hook changes in place is not seen by another.
 * A V1 body is kept as it came, with the text of its numbers; other forms carry the id of their request and are kept as
 * values.
 */
export class KeptResponse {
  readonly #give: () => InferResponse;
  /** Bytes in memory, about. */
  readonly size: number;

  /** @throws InferenceError bad_gateway for a response that cannot be read. */
  constructor(response: InferResponse) {
    const { modelName, modelVersion, content, source } = response;
    assertReadable(content);
    if (source?.wire === "v1" && source.withBody !== undefined) {
      const body = [new Uint8Array(joinChunks(source.message.body))];
      this.#give = () => new InferResponse({ modelName, modelVersion, content: source.withBody?.(body) ?? content });
      this.size = ENTRY_BYTES + (body[0]?.length ?? 0);
      return;
    }
    const kept = copyContent(content);
    this.#give = () => new InferResponse({ modelName, modelVersion, content: copyContent(kept) });
    this.size = ENTRY_BYTES + sizeOfContent(kept);
  }

  /** A copy for one caller. */
  give(): InferResponse {
    return this.#give();
  }
}

function assertReadable({ values }: ResponseContent): void {
  if (values.native === "rows") values.rows();
  else for (const tensor of values.tensors()) if (!LookupTensor.isInstance(tensor)) void tensor.data;
}

/** Without the id, which is that of the request that brought the response. */
function copyContent({ values, parameters, members, modelVersion }: ResponseContent): ResponseContent {
  return {
    ...(modelVersion === undefined ? {} : { modelVersion }),
    parameters: { ...parameters },
    members: copyJson(members) as JsonObject,
    values:
      values.native === "rows"
        ? new RowValues(copyJson(values.rows()) as readonly JsonValue[], "output")
        : new TensorValues(values.tensors().map(copyTensor), "output", values.fromHook),
  };
}

function copyTensor(tensor: Tensor): Tensor {
  const { name, datatype, shape, data, parameters } = tensor;
  const copy = ArrayBuffer.isView(data) ? data.slice() : (data as readonly Uint8Array[]).map((one) => one.slice());
  return createTensor(name, datatype, [...shape], copy as Tensor["data"], parameters && { ...parameters });
}

function copyJson(value: JsonValue): JsonValue {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyJson);
  const copy: Record<string, JsonValue> = {};
  for (const [key, member] of Object.entries(value as JsonObject)) {
    // An own property even where the key is __proto__.
    Object.defineProperty(copy, key, { value: copyJson(member), writable: true, enumerable: true, configurable: true });
  }
  return copy;
}

function sizeOfContent({ values, parameters, members }: ResponseContent): number {
  const own =
    values.native === "rows"
      ? sizeOfJson(values.rows() as readonly JsonValue[])
      : values.tensors().reduce((sum, tensor) => sum + sizeOfTensor(tensor), 0);
  return own + sizeOfJson(members) + sizeOfJson(parameters);
}

/** An array of bytes takes about 100 bytes more than what it holds. */
function sizeOfTensor(tensor: Tensor): number {
  return 200 + byteSize(tensor) + (tensor.datatype === "BYTES" ? 100 * tensor.data.length : 0);
}

/** Bytes that a JSON value takes in memory, about. */
function sizeOfJson(value: JsonValue | undefined): number {
  if (typeof value === "string") return 16 + 2 * value.length;
  if (typeof value !== "object" || value === null) return 16;
  let size = 64;
  for (const [key, member] of Object.entries(value)) {
    size += sizeOfJson(member) + (Array.isArray(value) ? 0 : 16 + 2 * key.length);
  }
  return size;
}
