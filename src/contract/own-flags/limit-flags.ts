/** What a request may cost. */
export const LIMIT_FLAGS = {
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
  image_threads: {
    type: "integer",
    minimum: 0,
    description:
      "Threads for pictures and hooks' runInWorker, begun at the first; as many as cores, at most 4, by default. 0 is the event loop.",
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
    description: "Bytes of a predictor's response, decompressed.",
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
    description:
      "Elements of one tensor. BYTES elements, each an object of its own, may be a 64th of it in one message, and at least 1048576.",
  },
} as const;
