import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { codeFromGrpcStatus, InferenceError } from "../../errors.ts";
import { deadlineExceeded } from "../../policy/deadline.ts";
import { failureKind, PredictorFailure, predictorError, type TransportFailureKind } from "../predictor-failure.ts";

/** What is known of a call that failed. */
export interface FailedCall {
  /** `host:port`, for the log. */
  readonly address: string;
  /** Texts that no client may see: the predictor's host and addresses. */
  readonly secrets: readonly string[];
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  /** True when the predictor sent anything: what it says is then its own. */
  readonly answered: boolean;
  /** True when our own deadline has passed. */
  readonly late: boolean;
}

const MAX_TEXT = 1000;

/**
 * The InferenceError for a call's status. What the predictor says reaches the client in its words; what grpc-js says of the
 * connection goes to the log, since it names addresses.
 */
export function grpcFailure(failed: ServiceError, call: FailedCall): InferenceError {
  const { address } = call;
  const error = completed(failed);
  const detail = `predictor ${address}: ${status[error.code]}: ${error.details}`;
  if (call.late && error.code === status.DEADLINE_EXCEEDED) {
    return deadlineExceeded(call.timeoutMs, new PredictorFailure("timeout", detail, error));
  }
  if (isTooLarge(error.details, call.maxResponseBytes)) {
    const message = `the predictor's response is larger than ${call.maxResponseBytes} bytes (max_response_bytes)`;
    return predictorError("too_large", detail, error, message);
  }
  if (!call.answered) return predictorError(kindOf(error), detail, error);
  const broken = brokenResponse(error);
  if (broken !== undefined) return predictorError("protocol", detail, error, broken);
  const retryAfter = headerOf(error.metadata, "retry-after");
  return new InferenceError(statement(error, call.secrets), {
    code: codeFromGrpcStatus(error.code),
    ...(retryAfter === undefined ? {} : { headers: { "retry-after": retryAfter } }),
    cause: new PredictorFailure("status", detail, error),
  });
}

/** What grpc-js says of a response whose head has come and no whole message of gRPC behind it. */
const INCOMPLETE = /^(Received RST_STREAM|Call cancelled$|Connection dropped$|Bandwidth exhausted)/;
const UNREADABLE = "Failed to decompress";
/** A proxy's own, which gRPC has a meaning for: who asks may do something about it. */
const HTTP_STATUS = /^Received HTTP status code (?!401|403|429|502|503|504)(\d+)/;

function brokenResponse({ code, details }: ServiceError): string | undefined {
  // Two of them are one text to grpc-js, and no number.
  if (Number.isNaN(code)) return "the predictor's response has no grpc-status that is one number";
  if (details === "No message received") return "the predictor's response has no whole message";
  if (details === "Too many responses received") return "the predictor's response has more than one message";
  if (INCOMPLETE.test(details)) return "the predictor's response ended before it was complete";
  if (details.startsWith(UNREADABLE)) return "the predictor's response is not compressed as its grpc-encoding says";
  const [, httpStatus] = HTTP_STATUS.exec(details) ?? [];
  return httpStatus === undefined ? undefined : `the predictor's response is not gRPC: HTTP status ${httpStatus}`;
}

/** grpc-js leaves code and details open where a message is marked as compressed and its encoding is none or unknown. */
function completed(error: Partial<ServiceError>): ServiceError {
  const { code = status.INTERNAL, details = `${UNREADABLE}: no known encoding`, metadata = new Metadata() } = error;
  return Object.assign(error as ServiceError, { code, details, metadata });
}

/** As sent, or out of its compression: grpc-js puts it in two ways. */
function isTooLarge(details: string, maxBytes: number): boolean {
  return (
    (details.includes("larger than max") && details.includes(` ${maxBytes})`)) ||
    details.endsWith(`decompresses to a size larger than ${maxBytes}`)
  );
}

function statement({ code, details }: ServiceError, secrets: readonly string[]): string {
  let text = details.trim().slice(0, MAX_TEXT);
  for (const secret of secrets) text = text.replaceAll(secret, "predictor");
  return text === "" ? `the predictor answered ${status[code] ?? `status ${code}`}` : text;
}

/** Why there was no response, as far as grpc-js lets it be known: it keeps the system's error as text. */
function kindOf({ code, details }: ServiceError): TransportFailureKind {
  if (details.startsWith("Name resolution failed")) return "dns";
  if (/channel (has been )?(closed|shut ?down)/i.test(details)) return "closed";
  for (const [word] of details.matchAll(/\b[A-Z][A-Z0-9_]{4,}\b/g)) {
    const kind = failureKind({ code: word });
    if (kind !== undefined) return kind;
  }
  if (/:SSL routines:|certificate|altname|self.signed/i.test(details)) return "tls";
  if (/Protocol error|ERR_HTTP2|HTTP status|Parse Error/i.test(details)) return "protocol";
  return code === status.UNAVAILABLE ? "reset" : "protocol";
}

function headerOf(metadata: Metadata | undefined, name: string): string | undefined {
  const [value] = metadata?.get(name) ?? [];
  return typeof value === "string" ? value : undefined;
}
