import { STATUS } from "../../errors.ts";
import type { Model } from "../../transformer/model.ts";
import type { ModelServer } from "../model-server.ts";
import { SERVER_METADATA } from "../server-metadata.ts";

type Schema = Readonly<Record<string, unknown>>;

const JSON_VALUE: Schema = {};
const ERROR: Schema = {
  type: "object",
  required: ["error"],
  properties: {
    error: { description: "What was wrong, or OpenAI's error object" },
    code: { enum: Object.keys(STATUS) },
    request_id: { type: "string" },
  },
};
const TENSOR: Schema = {
  type: "object",
  required: ["name", "shape", "datatype"],
  properties: {
    name: { type: "string" },
    shape: { type: "array", items: { type: "integer", minimum: 0 } },
    datatype: { type: "string" },
    parameters: { type: "object" },
    data: { type: "array", description: "Flat or nested" },
  },
};
const V1_REQUEST: Schema = {
  type: "object",
  properties: { instances: { type: "array" }, inputs: JSON_VALUE },
};
const V2_REQUEST: Schema = {
  type: "object",
  required: ["inputs"],
  properties: {
    id: { type: "string" },
    parameters: { type: "object" },
    inputs: { type: "array", items: TENSOR },
    outputs: {
      type: "array",
      items: {
        type: "object",
        required: ["name"],
        properties: { name: { type: "string" }, parameters: { type: "object" } },
      },
    },
  },
};

const response = (description: string, schema: Schema = JSON_VALUE): Schema => ({
  description,
  content: { "application/json": { schema } },
});
const failure = (description: string): Schema => response(description, ERROR);

/** What any request may be answered with; a predictor's own error status passes through besides. */
const FAILURES: Readonly<Record<string, Schema>> = {
  400: failure("The request is wrong; the message names the place"),
  404: failure("No such model"),
  405: failure("Another method is needed; see Allow"),
  413: failure("Larger than a limit, which the message names"),
  415: failure("A content encoding or type that is not read"),
  501: failure("Not implemented by this model"),
  503: failure("Not ready, or the predictor is not there"),
};

const get = (summary: string, more: Schema = {}): Schema => ({
  get: { summary, responses: { 200: response("OK"), ...FAILURES }, ...more },
});
const post = (summary: string, schema?: Schema, more: Schema = {}): Schema => ({
  post: {
    summary,
    ...(schema === undefined ? {} : { requestBody: { content: { "application/json": { schema } } } }),
    responses: { 200: response("OK"), ...FAILURES },
    ...more,
  },
});

function explains(model: Model): boolean {
  return model.predictor !== undefined || (model.state === "ready" && model.transformer.explain !== undefined);
}

/** Only with a predictor that has such routes itself. */
function completionPaths(openai: string, model: Schema): Schema {
  return {
    "/v2/models/{model}/generate": post("Generate text", { type: "object" }, model),
    [`${openai}/v1/chat/completions`]: post("OpenAI chat completion", { type: "object" }),
    [`${openai}/v1/completions`]: post("OpenAI completion", { type: "object" }),
    [`${openai}/v1/embeddings`]: post("OpenAI embeddings", { type: "object" }),
  };
}

/** The server's routes as an OpenAPI 3.0 document (https://spec.openapis.org/oas/v3.0.3), for these models. */
export function createOpenApiDocument({ registry, options }: ModelServer): Schema {
  const models = registry.models.map(({ name }) => name);
  const parameter = (name: string, schema: Schema): Schema => ({ name, in: "path", required: true, schema });
  const model = { parameters: [parameter("model", { type: "string", enum: models })] };
  const versioned = {
    parameters: [...model.parameters, parameter("version", { type: "string", pattern: "^[0-9]+$" })],
  };
  const { openaiRoutePrefix: openai } = options;
  return {
    openapi: "3.0.3",
    info: { title: SERVER_METADATA.name, version: SERVER_METADATA.version },
    paths: {
      "/v1/models": get("Names of the models"),
      "/v1/models/{model}": get("Readiness of a model", model),
      "/v1/models/{model}:predict": post("Predict, V1", V1_REQUEST, model),
      ...(registry.models.some(explains)
        ? { "/v1/models/{model}:explain": post("Explain, V1", V1_REQUEST, model) }
        : {}),
      "/v2": get("Server metadata"),
      "/v2/health/live": get("Liveness"),
      "/v2/health/ready": get("Readiness"),
      "/v2/models": get("Names of the models"),
      "/v2/models/{model}": get("Model metadata", model),
      "/v2/models/{model}/ready": get("Readiness of a model", model),
      "/v2/models/{model}/infer": post("Infer, V2", V2_REQUEST, model),
      "/v2/models/{model}/versions/{version}": get("Model metadata", versioned),
      "/v2/models/{model}/versions/{version}/ready": get("Readiness of a model", versioned),
      "/v2/models/{model}/versions/{version}/infer": post("Infer, V2", V2_REQUEST, versioned),
      "/v2/repository/index": post("State of the models"),
      "/v2/repository/models/{model}/load": post("Load a model", undefined, model),
      [`${openai}/v1/models`]: get("OpenAI's list of models"),
      ...(registry.models.some(({ predictor }) => predictor?.proxy !== undefined)
        ? completionPaths(openai, model)
        : {}),
    },
  };
}
