/** How requests are read and answered. */
export const REQUEST_FLAGS = {
  openai_route_prefix: {
    type: "text",
    default: "/openai",
    environment: ["KSERVE_OPENAI_ROUTE_PREFIX"],
    description: "Where OpenAI's routes are served.",
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
    description: "Answer 500 when a response has not as many rows as its request.",
  },
  non_finite: {
    type: "choice",
    choices: ["error", "null", "token"],
    default: "null",
    description:
      "What JSON clients get for NaN and infinities: an error, null, or the tokens NaN and Infinity. A predictor's JSON that is passed on keeps its own.",
  },
  chaining: {
    type: "boolean",
    default: false,
    description: "Take predictions and outputs as input, as a step of an InferenceGraph.",
  },
  compress_responses: {
    type: "boolean",
    default: false,
    description: "Compress responses of 1 KiB and more where the client accepts it.",
  },
} as const;
