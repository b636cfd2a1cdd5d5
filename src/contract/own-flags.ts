/** The flags that this package adds. None begins with a name in `INJECTED_FLAGS`: the controller would add nothing then. */
export const OWN_FLAGS = {
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
    description: "Binary tensors to a V2 predictor; auto asks its metadata.",
  },
  predictor_v1_form: {
    type: "choice",
    choices: ["auto", "rows", "columns"],
    default: "auto",
    description: "Form of tensors for a V1 predictor: instances or columnar inputs.",
  },
  host: {
    type: "text",
    description: "Address to listen on; all of them by default, as a container must.",
  },
  image_allow: {
    type: "list",
    environment: ["IMAGE_ALLOW"],
    description: "Hosts and CIDR ranges that downloads may reach though they are private: cdn.internal,10.0.0.0/8.",
  },
  forward_headers: {
    type: "list",
    description: "Client headers handed on to the predictor besides the standard ones.",
  },
  check_requests: {
    type: "boolean",
    default: false,
    description: "Check every body in full, also those that no hook reads.",
  },
  check_rows: {
    type: "boolean",
    default: false,
    description: "Answer 500 when an answer has not as many rows as its request.",
  },
  chaining: {
    type: "boolean",
    default: false,
    description: "Take predictions and outputs as input, as a step of an InferenceGraph.",
  },
  request_timeout_seconds: {
    type: "number",
    default: 600,
    minimum: 0,
    description: "Time for one request, hooks included; 0 is none.",
  },
  server_timing: {
    type: "boolean",
    default: false,
    description: "Tell clients the time of each stage in the header Server-Timing.",
  },
  max_body_bytes: {
    type: "integer",
    default: 104857600,
    minimum: 1,
    description: "Bytes of a request's body, decompressed.",
  },
  max_response_bytes: {
    type: "integer",
    default: 268435456,
    minimum: 1,
    description: "Bytes of a predictor's answer, decompressed.",
  },
  max_json_depth: {
    type: "integer",
    default: 64,
    minimum: 1,
    description: "Nesting of JSON.",
  },
  max_instances: {
    type: "integer",
    default: 100000,
    minimum: 1,
    description: "Rows of a request.",
  },
  max_tensors: {
    type: "integer",
    default: 256,
    minimum: 1,
    description: "Tensors of a request.",
  },
  max_elements: {
    type: "integer",
    default: 67108864,
    minimum: 1,
    description: "Elements of one tensor.",
  },
  drain_seconds: {
    type: "number",
    default: 3,
    minimum: 0,
    description:
      "After SIGTERM: seconds not ready but still accepting, while the cluster takes the pod out of its service.",
  },
  shutdown_timeout_seconds: {
    type: "number",
    default: 20,
    minimum: 0,
    description: "After the drain: seconds for requests in flight.",
  },
  log_level: {
    type: "choice",
    choices: ["trace", "debug", "info", "warn", "error", "silent"],
    default: "info",
    environment: ["KSERVE_LOGLEVEL"],
    description: "Least level that is logged.",
  },
} as const;
