import type { Model } from "../../../transformer/model.ts";
import type { ModelServer } from "../../model-server.ts";
import { SERVER_METADATA } from "../../server-metadata.ts";
import { ERROR, type Schema, schemasOf } from "./openapi-schemas.ts";

const JSON_VALUE: Schema = {};

const response = (description: string, schema: Schema = JSON_VALUE): Schema => ({
  description,
  content: { "application/json": { schema } },
});
const failure = (description: string): Schema => response(description, ERROR);

/** What any request may be answered with; a predictor's own error status passes through besides. */
const FAILURES: Readonly<Record<string, Schema>> = {
  400: failure("The request is wrong; the message names the place"),
  401: failure("The server asks for a key or token, and this is none of its own"),
  403: failure("Not allowed here; the message says which flag allows it"),
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

/** By its own hook, or by an HTTP server behind it: a predictor in this process or over gRPC has no `:explain`. */
function explains(model: Model): boolean {
  return model.predictor?.proxy !== undefined || (model.state === "ready" && model.transformer.explain !== undefined);
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

/** The routes that are made from what a model declares. */
function modelPaths(model: Model): Schema {
  const { name, state } = model;
  const schemas = schemasOf(state === "ready" ? model.transformer : undefined);
  const path = encodeURIComponent(name);
  const infer = (summary: string, request: Schema, examples: Schema, success: Schema): Schema => ({
    post: {
      tags: [name],
      summary,
      requestBody: {
        required: true,
        content: {
          "application/json": { schema: request, ...(Object.keys(examples).length === 0 ? {} : { examples }) },
        },
      },
      responses: { 200: response("OK", success), ...FAILURES },
    },
  });
  const { v1Request, v1Examples, v1Response, v2Request, v2Examples, v2Response } = schemas;
  return {
    [`/v1/models/${path}:predict`]: infer("Predict, V1", v1Request, v1Examples, v1Response),
    ...(explains(model)
      ? { [`/v1/models/${path}:explain`]: infer("Explain, V1", v1Request, v1Examples, JSON_VALUE) }
      : {}),
    [`/v2/models/${path}/infer`]: infer("Infer, V2", v2Request, v2Examples, v2Response),
  };
}

/** How a client shows who it is, where the server asks. */
function security({ authenticator, options }: ModelServer): Schema {
  if (authenticator === undefined) return {};
  const { apiKeys = [], jwt } = options.authentication ?? {};
  const schemes = {
    ...(apiKeys.length > 0 ? { key: { type: "apiKey", in: "header", name: "x-api-key" } } : {}),
    ...(jwt === undefined ? {} : { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } }),
  };
  return {
    components: { securitySchemes: schemes },
    security: Object.keys(schemes).map((name) => ({ [name]: [] })),
  };
}

/**
 * The server's routes as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1), with what each model declares.
 * `mount` is the path below which an application of Express is mounted.
 */
export function createOpenApiDocument(server: ModelServer, mount = ""): Schema {
  const { registry, options } = server;
  const models = registry.models.map(({ name }) => name);
  const parameter = (name: string, schema: Schema): Schema => ({ name, in: "path", required: true, schema });
  const model = { parameters: [parameter("model", { type: "string", enum: models })] };
  const versioned = {
    parameters: [...model.parameters, parameter("version", { type: "string", pattern: "^[0-9]+$" })],
  };
  const { openaiRoutePrefix: openai } = options;
  return {
    openapi: "3.1.0",
    info: { title: SERVER_METADATA.name, version: SERVER_METADATA.version },
    ...(mount === "" ? {} : { servers: [{ url: mount }] }),
    ...security(server),
    paths: {
      ...Object.assign({}, ...registry.models.map(modelPaths)),
      "/v1/models": get("Names of the models"),
      "/v1/models/{model}": get("Readiness of a model", model),
      "/v2": get("Server metadata"),
      "/v2/health/live": get("Liveness"),
      "/v2/health/ready": get("Readiness"),
      "/v2/models": get("Names of the models"),
      "/v2/models/{model}": get("Model metadata", model),
      "/v2/models/stats": get("Statistics of all models"),
      "/v2/models/{model}/ready": get("Readiness of a model", model),
      "/v2/models/{model}/config": get("Triton's configuration of a model", model),
      "/v2/models/{model}/stats": get("Statistics of a model", model),
      "/v2/models/{model}/versions/{version}": get("Model metadata", versioned),
      "/v2/models/{model}/versions/{version}/ready": get("Readiness of a model", versioned),
      "/v2/models/{model}/versions/{version}/config": get("Triton's configuration of a model", versioned),
      "/v2/models/{model}/versions/{version}/stats": get("Statistics of a model", versioned),
      "/v2/models/{model}/versions/{version}/infer": post("Infer, V2", schemasOf(undefined).v2Request, versioned),
      "/v2/repository/index": post("State of the models"),
      "/v2/repository/models/{model}/load": post("Load a model", undefined, model),
      "/v2/repository/models/{model}/unload": post("Unload a model", undefined, model),
      [`${openai}/v1/models`]: get("OpenAI's list of models"),
      ...(registry.models.some(({ predictor }) => predictor?.proxy !== undefined)
        ? completionPaths(openai, model)
        : {}),
    },
  };
}
