import { formatCanonicalJson } from "../../inference/content-digest.ts";
import { InferRequest } from "../../inference/infer-request.ts";
import type { InferOptions } from "../../inference/inference-client.ts";
import type { RowTexts } from "../../inference/values.ts";
import { joinRowTexts } from "../../protocol/v1/join-row-texts.ts";
import { concatTensors } from "../../tensor/concat-tensors.ts";
import type { JsonValue } from "../../tensor/json-value.ts";
import { sharedHeaders } from "../shared-call.ts";
import { formOfRows } from "./row-form.ts";

/** A request that can be one part of a larger one. */
export interface Joinable {
  readonly request: InferRequest;
  /** Rows along the first dimension. */
  readonly rows: number;
  /** What has to be equal to share a call. */
  readonly key: string;
  /** The text of a V1 body whose rows go on as they were written. */
  readonly texts: RowTexts | undefined;
}

/**
 * Whether a request can be one part of a larger one: rows of one form, or tensors that all have the same first dimension.
 * Undefined for rows of several forms, a scalar, uneven first dimensions, parameters of single tensors, and explain.
 * @throws InferenceError invalid_argument for a body that cannot be read.
 */
export function describeJoinable(request: InferRequest, options: InferOptions): Joinable | undefined {
  if (options.verb === "explain") return undefined;
  const { values, parameters, members, requestedOutputs, columnar } = request.content;
  const { modelName, modelVersion = null, source } = request;
  const target: JsonValue[] = [modelName, modelVersion, sharedHeaders(options.headers)];
  const requested = options.forwardRequestedOutputs === true ? requestedOutputs : undefined;
  const outputs = requested?.map((one): JsonValue => [one.name, { ...one.parameters }]) ?? null;
  const envelope: JsonValue[] = [...target, { ...parameters }, members, columnar === true, outputs];
  if (values.native === "rows") {
    const form = formOfRows(values.rows());
    if (form === undefined) return undefined;
    const texts = source?.wire === "v1" && source.withBody !== undefined ? values.rowTexts?.() : undefined;
    const around = texts && [
      source?.message.headers["content-type"] ?? null,
      textOf(texts.before),
      textOf(texts.after),
    ];
    const key = formatCanonicalJson([...(around === undefined ? envelope : [...target, ...around]), form]);
    return { request, rows: values.rows().length, key, texts };
  }
  const tensors = values.tensors();
  const rows = tensors[0]?.shape[0];
  if (rows === undefined || rows === 0) return undefined;
  if (tensors.some(({ shape, parameters: own }) => shape[0] !== rows || own !== undefined)) return undefined;
  const forms = tensors.map(({ name, datatype, shape }): JsonValue => [name, datatype, shape.slice(1)]);
  return { request, rows, key: formatCanonicalJson([...envelope, forms]), texts: undefined };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** Requests of one key as one: rows one after the other, tensors concatenated along the first dimension. */
export function joinRequests(parts: readonly Joinable[]): InferRequest {
  const [{ request: first, texts }, ...others] = parts as readonly [Joinable, ...Joinable[]];
  if (others.length === 0) return first;
  const { modelName, modelVersion, source } = first;
  if (texts !== undefined && source?.withBody !== undefined) {
    const body = joinRowTexts({ ...texts, rows: parts.flatMap((part) => part.texts?.rows ?? []) });
    return new InferRequest({ modelName, modelVersion, content: source.withBody([body]) });
  }
  if (first.values.native === "rows") return first.withInstances(parts.flatMap(({ request }) => request.instances));
  const columns = parts.map(({ request }) => request.inputs);
  const joined = first.inputs.map((_tensor, index) =>
    concatTensors(columns.flatMap((tensors) => tensors[index] ?? [])),
  );
  return first.withInputs(joined);
}
