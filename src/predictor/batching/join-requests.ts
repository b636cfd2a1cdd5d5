import type { InferRequest } from "../../inference/infer-request.ts";
import type { InferOptions } from "../../inference/inference-client.ts";
import { concatTensors } from "../../tensor/concat-tensors.ts";
import { sharedHeaders } from "../shared-call.ts";

/** Rows of a request along the first dimension, and what else has to be equal to share a call. */
export interface Joinable {
  readonly rows: number;
  readonly key: string;
}

/**
 * Whether a request can be one part of a larger one: rows, or tensors that all have the same first dimension. Undefined for a
 * scalar, uneven first dimensions, parameters of single tensors, and explain.
 */
export function describeJoinable(request: InferRequest, options: InferOptions): Joinable | undefined {
  if (options.verb === "explain") return undefined;
  const { values, parameters, members, requestedOutputs, columnar } = request.content;
  const requested = options.forwardRequestedOutputs === true ? requestedOutputs : undefined;
  const common = [
    request.modelName,
    request.modelVersion,
    sharedHeaders(options.headers),
    parameters,
    members,
    columnar,
    requested,
  ];
  if (values.native === "rows") {
    const rows = values.rows().length;
    return rows === 0 ? undefined : { rows, key: keyOf([...common, "rows"]) };
  }
  const tensors = values.tensors();
  const rows = tensors[0]?.shape[0];
  if (rows === undefined || rows === 0) return undefined;
  if (tensors.some(({ shape, parameters: own }) => shape[0] !== rows || own !== undefined)) return undefined;
  const forms = tensors.map(({ name, datatype, shape }) => [name, datatype, shape.slice(1)]);
  return { rows, key: keyOf([...common, forms]) };
}

function keyOf(parts: readonly unknown[]): string {
  return JSON.stringify(parts, (_name, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}

/** Requests of one key as one: rows one after the other, tensors concatenated along the first dimension. */
export function joinRequests(requests: readonly InferRequest[]): InferRequest {
  const [first, ...others] = requests as readonly [InferRequest, ...InferRequest[]];
  if (others.length === 0) return first;
  if (first.values.native === "rows") return first.withInstances(requests.flatMap(({ instances }) => instances));
  const columns = requests.map(({ inputs }) => inputs);
  const joined = first.inputs.map((_tensor, index) =>
    concatTensors(columns.flatMap((tensors) => tensors[index] ?? [])),
  );
  return first.withInputs(joined);
}
