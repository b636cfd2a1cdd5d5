import { InferenceError, invalidArgument } from "../errors.ts";
import type { InferRequest } from "../inference/infer-request.ts";
import type { Verb } from "../inference/inference-client.ts";
import { grpcCodec } from "../protocol/grpc/grpc-codec.ts";
import type { Limits } from "../protocol/limits.ts";
import { selectCodec } from "../protocol/select-codec.ts";
import { isJsonObject, type JsonValue } from "../tensor/json-value.ts";
import type { TensorSpec } from "../tensor/tensor.ts";

export type PageProtocol = "v1" | "v2" | "v2-binary" | "grpc" | "openai";

/** What the page sends: one request, and the wire form that it wants to see it in. */
export interface PageRequest {
  readonly model: string;
  readonly verb: Verb;
  readonly protocol: PageProtocol;
  /** JSON of V1 (`instances`) or V2 (`inputs`), as it stands in the editor. */
  readonly body: string;
}

/** The request as a client of this protocol puts it on the wire. */
export interface EncodedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly Uint8Array[];
}

export interface EncodeScope {
  readonly limits: Limits;
  /** The transformer's declared inputs. */
  readonly inputs: readonly TensorSpec[] | undefined;
  readonly openaiRoutePrefix: string;
}

const JSON_HEADERS = { "content-type": "application/json" };

/**
 * A body that has the protocol's own form already goes as it was typed; another one is converted by the rules by which the
 * transformer itself speaks to predictors.
 * @throws InferenceError invalid_argument for a body that has no such form.
 */
export function encodePageRequest(request: PageRequest, scope: EncodeScope): EncodedRequest {
  const { model, verb, protocol, body } = request;
  const name = encodeURIComponent(model);
  const typed = [new TextEncoder().encode(body)];
  const paths = {
    v1: `/v1/models/${name}:${verb}`,
    v2: `/v2/models/${name}/${verb === "explain" ? "explain" : "infer"}`,
    "v2-binary": `/v2/models/${name}/${verb === "explain" ? "explain" : "infer"}`,
    grpc: "/inference.GRPCInferenceService/ModelInfer",
    openai: `${scope.openaiRoutePrefix}/v1/chat/completions`,
  } as const;
  const path = paths[protocol];
  if (protocol === "openai") return { path, headers: JSON_HEADERS, body: typed };
  const form = formOf(body);
  if (form === protocol) return { path, headers: JSON_HEADERS, body: typed };
  const decoded = selectCodec(form).decodeRequest(
    { headers: JSON_HEADERS, body: typed },
    { modelName: model, limits: scope.limits, inputs: scope.inputs },
  );
  const message = encode(decoded, protocol, scope.inputs);
  return { path, headers: message.headers, body: message.body };
}

function encode(request: InferRequest, protocol: Exclude<PageProtocol, "openai">, inputs: EncodeScope["inputs"]) {
  const options = {
    binary: protocol !== "v2",
    forwardRequestedOutputs: true,
    ...(inputs === undefined ? {} : { metadata: { name: request.modelName, inputs, outputs: [] } }),
  };
  if (protocol === "grpc") return grpcCodec.encodeRequest(request, options);
  if (protocol === "v2") return selectCodec("v2").encodeRequest(withBase64(request), options);
  return selectCodec(protocol === "v1" ? "v1" : "v2").encodeRequest(request, options);
}

/** V2's JSON has no form for bytes: clients send them as base64 text, which image rows are read from. */
function withBase64(request: InferRequest): InferRequest {
  const rows = request.values.native === "rows" ? request.instances : [];
  const texts = rows.map((row) => (isJsonObject(row) && Object.keys(row).length === 1 ? row["b64"] : undefined));
  const isBytes = texts.length > 0 && texts.every((text) => typeof text === "string");
  return isBytes ? request.withInstances(texts) : request;
}

/** V2's `inputs` is an array of tensors; V1's is rows or columns. */
function formOf(body: string): "v1" | "v2" {
  let parsed: JsonValue;
  try {
    parsed = JSON.parse(body) as JsonValue;
  } catch (error) {
    throw invalidArgument(`the body is not JSON: ${(error as Error).message}`);
  }
  if (!isJsonObject(parsed)) throw invalidArgument("the body must be an object with instances or inputs");
  const { inputs } = parsed;
  return Array.isArray(inputs) && inputs.every((entry) => isJsonObject(entry) && "datatype" in entry) ? "v2" : "v1";
}

const PROTOCOLS: ReadonlySet<unknown> = new Set(["v1", "v2", "v2-binary", "grpc", "openai"]);

/** @throws InferenceError invalid_argument that names the member. */
export function parsePageRequest(bytes: Uint8Array): PageRequest {
  const refuse = (member: string, expected: string): never => {
    throw invalidArgument(`${member}: expected ${expected}`);
  };
  let request: JsonValue;
  try {
    request = JSON.parse(new TextDecoder().decode(bytes)) as JsonValue;
  } catch (error) {
    throw new InferenceError("the request is not JSON", { code: "invalid_argument", cause: error });
  }
  if (!isJsonObject(request)) throw invalidArgument("the request: expected an object with model, protocol and body");
  const { model, verb = "predict", protocol, body } = request;
  if (typeof model !== "string") refuse("model", "a model's name");
  if (verb !== "predict" && verb !== "explain") refuse("verb", "predict or explain");
  if (!PROTOCOLS.has(protocol)) refuse("protocol", "v1, v2, v2-binary, grpc or openai");
  if (typeof body !== "string") refuse("body", "JSON as text");
  return { model, verb, protocol, body } as unknown as PageRequest;
}
