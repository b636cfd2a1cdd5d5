import type { FlagTable } from "./flag.ts";
import { ACCESS_FLAGS } from "./own-flags/access-flags.ts";
import { LIMIT_FLAGS } from "./own-flags/limit-flags.ts";
import { PREDICTOR_FLAGS } from "./own-flags/predictor-flags.ts";
import { PROCESS_FLAGS } from "./own-flags/process-flags.ts";
import { REQUEST_FLAGS } from "./own-flags/request-flags.ts";

/** The flags that this package adds, by subject, in the order of the help. */
export const OWN_FLAG_GROUPS: Readonly<Record<string, FlagTable>> = {
  "The predictor": PREDICTOR_FLAGS,
  "Requests and responses": REQUEST_FLAGS,
  Access: ACCESS_FLAGS,
  "Limits and timeouts": LIMIT_FLAGS,
  "The server": PROCESS_FLAGS,
};

/** All of them. None begins with a name in `INJECTED_FLAGS`: the controller would add nothing then. */
export const OWN_FLAGS: typeof PREDICTOR_FLAGS &
  typeof REQUEST_FLAGS &
  typeof ACCESS_FLAGS &
  typeof LIMIT_FLAGS &
  typeof PROCESS_FLAGS = { ...PREDICTOR_FLAGS, ...REQUEST_FLAGS, ...ACCESS_FLAGS, ...LIMIT_FLAGS, ...PROCESS_FLAGS };
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
  predictor_cert_file: {
    type: "text",
    description: "Certificate (PEM) to show to a predictor that asks for one.",
  },
  predictor_key_file: {
    type: "text",
    description: "Key (PEM) of that certificate.",
  },
  client_ca_file: {
    type: "text",
    description: "Certificates (PEM) of which clients must show one's signature; needs --ssl_certfile.",
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
  cors_origins: {
    type: "list",
    description: "Origins whose web pages may read responses: https://app.example.com, or * for every one.",
  },
  compress_responses: {
    type: "boolean",
    default: false,
    description: "Compress responses of 1 KiB and more where the client accepts it.",
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
  api_keys_file: {
    type: "text",
    description: "File of accepted API keys, one a line: requests need one, in x-api-key or as a bearer token.",
  },
  jwks_url: {
    type: "text",
    description: "URL of an identity provider's keys: requests need a bearer token that one of them signed.",
  },
  jwt_issuer: {
    type: "text",
    description: "Issuer that tokens must have.",
  },
  jwt_audience: {
    type: "text",
    description: "Audience that tokens must have.",
  },
  auth_exempt_health: {
    type: "boolean",
    default: true,
    description: "Health and readiness need no credentials.",
  },
  auth_exempt_metrics: {
    type: "boolean",
    default: false,
    description: "Scrapes of /metrics need no credentials.",
  },
  openai_route_prefix: {
    type: "text",
    default: "/openai",
    environment: ["KSERVE_OPENAI_ROUTE_PREFIX"],
    description: "Where OpenAI's routes are served.",
  },
  predictor_openai_prefix: {
    type: "text",
    default: "/openai",
    description: "Where the predictor has OpenAI's routes; / for vLLM, which has them at the root.",
  },
  ce_type: {
    type: "text",
    default: "io.kserve.inference.response",
    environment: ["CE_TYPE"],
    description: "Type of the CloudEvents that answer CloudEvents.",
  },
  ce_source: {
    type: "text",
    environment: ["CE_SOURCE"],
    description: "Their source; io.kserve.inference.MODEL by default.",
  },
  ce_merge: {
    type: "boolean",
    default: false,
    environment: ["CE_MERGE"],
    description: "Keep the other attributes of the event that is answered.",
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
  header_timeout_seconds: {
    type: "number",
    default: 30,
    minimum: 0,
    description: "Time for a request's head; 0 is none.",
  },
  receive_timeout_seconds: {
    type: "number",
    default: 300,
    minimum: 0,
    description: "Time for a whole request, head and body; 0 is none.",
  },
  max_concurrent_streams: {
    type: "integer",
    default: 256,
    minimum: 1,
    description: "Requests that one HTTP/2 connection may have open at a time.",
  },
  max_concurrency: {
    type: "integer",
    default: 0,
    minimum: 0,
    description: "Requests answered at a time; 0 is no bound.",
  },
  max_queue: {
    type: "integer",
    default: 100,
    minimum: 0,
    description: "Requests that may wait for a place; beyond it 503 with Retry-After.",
  },
  probe_port: {
    type: "integer",
    minimum: 0,
    maximum: 65535,
    description: "Health on a port and a thread of its own, which no busy hook holds up.",
  },
  probe_heartbeat_seconds: {
    type: "number",
    default: 60,
    minimum: 1,
    description: "Liveness there fails when the main loop has not been heard of for so long.",
  },
  metrics_port: {
    type: "integer",
    minimum: 0,
    maximum: 65535,
    description: "A port of its own for /metrics, plain HTTP; it is no longer on --http_port.",
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
  access_log: {
    type: "boolean",
    default: false,
    description: "Log one line a request; probes have none.",
  },
  payload_log_sample: {
    type: "number",
    default: 0,
    minimum: 0,
    maximum: 1,
    description: "Share of requests whose bodies are logged, 0 to 1; they hold what users send.",
  },
  server_timing: {
    type: "boolean",
    default: false,
    description: "Tell clients the time of each stage in the header Server-Timing.",
  },
  enable_playground: {
    type: "boolean",
    default: false,
    description:
      "Serve the page /playground, which sends requests and shows what each hook made; it keeps the last runs.",
  },
  playground_examples: {
    type: "text",
    description:
      "Folder of pictures, texts and JSON files to try there; the folder examples beside the module by default.",
  },
  playground_sources: {
    type: "boolean",
    default: false,
    description: "Show there where a hook threw, with the lines of its code: for development.",
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
  max_header_bytes: {
    type: "integer",
    default: 65536,
    minimum: 1024,
    description: "Bytes of a request's head.",
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
