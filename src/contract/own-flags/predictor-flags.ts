/** Where the predictor is, and how it is asked. */
export const PREDICTOR_FLAGS = {
  predictor: {
    type: "text",
    description: "Predictor in one word, over --predictor_host: a URL, onnx:FILE for an embedded model, or none.",
  },
  predictor_port: {
    type: "integer",
    minimum: 1,
    maximum: 65535,
    environment: ["PREDICTOR_PORT"],
    description: "Port of a --predictor_host that names none.",
  },
  predictor_model_name: {
    type: "text",
    description: "Name of the model at the predictor, where it is not --model_name.",
  },
  predictor_binary: {
    type: "choice",
    choices: ["auto", "on", "off"],
    default: "auto",
    description: "Binary tensors to a V2 predictor; auto asks its metadata. Over gRPC off sends typed contents.",
  },
  predictor_v1_form: {
    type: "choice",
    choices: ["auto", "rows", "columns"],
    default: "auto",
    description: "Form of tensors for a V1 predictor: instances or columnar inputs.",
  },
  predictor_refresh_seconds: {
    type: "number",
    minimum: 1,
    description:
      "How often new pods of the predictor are looked for: gRPC looks up its addresses (30 where not given), HTTP replaces its connections (never).",
  },
  predictor_cert_file: {
    type: "text",
    description: "Certificate (PEM) to show to a predictor that asks for one.",
  },
  predictor_key_file: {
    type: "text",
    description: "Key (PEM) of that certificate.",
  },
  predictor_openai_prefix: {
    type: "text",
    default: "/openai",
    description: "Where the predictor has OpenAI's routes; / for vLLM, which has them at the root.",
  },
  forward_headers: {
    type: "list",
    description: "Client headers handed on to the predictor besides the standard ones.",
  },
  forward_authorization: {
    type: "boolean",
    default: true,
    description: "Hand the client's credentials on to the predictor.",
  },
  predictor_breaker_failures: {
    type: "integer",
    default: 0,
    minimum: 0,
    description:
      "Failures of the predictor in a row (502, 503, 504) after which calls are refused at once; 0 is never.",
  },
  predictor_breaker_seconds: {
    type: "number",
    default: 10,
    minimum: 0.1,
    description: "How long they are refused before one call tries again.",
  },
  max_batch_size: {
    type: "integer",
    minimum: 1,
    default: 1,
    description: "Rows of concurrent requests that become one call to the predictor; 1 calls it for each request.",
  },
  max_batch_delay_ms: {
    type: "number",
    minimum: 0,
    maximum: 2147483647,
    default: 5,
    description: "How long the first request of a batch waits for others at the most, while another call is under way.",
  },
  cache_bytes: {
    type: "integer",
    minimum: 0,
    default: 0,
    description:
      "Bytes of memory for the predictor's responses that are kept for equal requests, their keys among them; 0 keeps none.",
  },
  cache_ttl_seconds: {
    type: "number",
    minimum: 0.001,
    default: 60,
    description: "How long a response is kept.",
  },
  cache_across_credentials: {
    type: "boolean",
    default: false,
    description:
      "Requests with other credentials share kept responses: right only where the model does not look at them.",
  },
  coalesce: {
    type: "boolean",
    default: false,
    description: "Equal requests that are under way share one call to the predictor.",
  },
} as const;
