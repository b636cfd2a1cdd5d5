import { Buffer } from "node:buffer";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ErrorCode, InferenceError, STATUS } from "../../src/errors.ts";
import { encodeErrorBody } from "../../src/protocol/error-body.ts";

const PAGE = fileURLToPath(new URL("../../docs/errors.md", import.meta.url));

/** Names of gRPC's status codes by number (https://grpc.io/docs/guides/status-codes/). */
const GRPC: Readonly<Record<number, string>> = {
  1: "CANCELLED",
  3: "INVALID_ARGUMENT",
  4: "DEADLINE_EXCEEDED",
  5: "NOT_FOUND",
  7: "PERMISSION_DENIED",
  8: "RESOURCE_EXHAUSTED",
  12: "UNIMPLEMENTED",
  13: "INTERNAL",
  14: "UNAVAILABLE",
  16: "UNAUTHENTICATED",
};

/** A message of each code that the server really gives; the flow tests meet them. */
const EXAMPLES: Readonly<Record<ErrorCode, string>> = {
  invalid_argument: "inputs.image: expected FP32, got UINT8",
  unauthenticated: "credentials are required",
  permission_denied: "this tenant may not ask for this model",
  not_found: "model 'clothes' does not exist: GET /v1/models names those that do",
  method_not_allowed: "/v1/models/clothing:predict takes POST, got GET",
  payload_too_large: "the body has 104857601 bytes or more, the limit is 104857600 (max_body_bytes)",
  unsupported_media_type: "expected JSON in UTF-8, got charset utf-16",
  resource_exhausted: "the predictor answered 429",
  cancelled: "the client left",
  internal: "internal error",
  unimplemented: "explain over V2 needs an explain hook",
  bad_gateway: "the predictor's response is larger than 268435456 bytes (max_response_bytes)",
  unavailable: "model 'clothing' is not ready",
  deadline_exceeded: "no response within 600000 ms",
};

function formatPage(): string {
  const sections = (Object.keys(STATUS) as ErrorCode[]).map((code) => {
    const { http, grpc, happened, fix } = STATUS[code];
    const { body } = encodeErrorBody(new InferenceError(EXAMPLES[code], { code }), "7f3c");
    return [
      `## ${code}`,
      `HTTP ${http}, gRPC ${GRPC[grpc]}.`,
      `**What happened.** ${happened}`,
      `**Who fixes it?** ${fix}`,
      `\`\`\`json\n${Buffer.concat(body)}\n\`\`\``,
    ].join("\n\n");
  });
  return [
    "# Errors",
    "Every error has a code. Over HTTP the body names it: `error` is the message (as in KServe), `code` is a heading of this page,\n`request_id` is the id by which you find the request in the log. OpenAI's routes carry the same code in `error.type`, gRPC the\nstatus and the message. A hook answers in its own words with `InferenceError`.\nA message of more than 4,096 characters loses its middle; what is longer goes into the error's `body`.",
    ...sections,
    "",
  ]
    .join("\n\n")
    .trimEnd()
    .concat("\n");
}

test("docs/errors.md says of every code what the table says", () => {
  if (process.env["UPDATE_DOCS"]) writeFileSync(PAGE, formatPage());
  expect(readFileSync(PAGE, "utf8")).toBe(formatPage());
});
