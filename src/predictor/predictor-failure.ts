import { type ErrorCode, InferenceError } from "../errors.ts";

/** Why a predictor gave no usable response: a word for logs and metrics. */
export type FailureKind =
  | "dns"
  | "refused"
  | "unreachable"
  | "reset"
  | "tls"
  | "timeout"
  | "redirect"
  | "protocol"
  | "too_large"
  | "closed"
  | "status";

/** The kinds without a response; `status` is a response that is an error. */
export type TransportFailureKind = Exclude<FailureKind, "status">;

/** The cause of an error at the predictor, for the log: it names address and system error, which no client is shown. */
export class PredictorFailure extends Error {
  override readonly name = "PredictorFailure";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

/** What a client is told, and under which code; whether the same call may be tried again is decided by the caller. */
const ANSWERS: Readonly<Record<TransportFailureKind, { readonly code: ErrorCode; readonly message: string }>> = {
  dns: { code: "unavailable", message: "predictor unavailable: its host name does not resolve" },
  refused: { code: "unavailable", message: "predictor unavailable: it refused the connection" },
  unreachable: { code: "unavailable", message: "predictor unavailable: there is no way to its network" },
  reset: { code: "unavailable", message: "predictor unavailable: it closed the connection without a response" },
  tls: { code: "bad_gateway", message: "no trusted TLS connection to the predictor" },
  timeout: { code: "deadline_exceeded", message: "the predictor did not answer in time" },
  redirect: { code: "bad_gateway", message: "the predictor answered with a redirect, which is not followed" },
  protocol: { code: "bad_gateway", message: "the predictor's response is not valid HTTP" },
  too_large: { code: "bad_gateway", message: "the predictor's response is too large" },
  closed: { code: "unavailable", message: "the predictor client is closed" },
};

/** Codes of Node, OpenSSL and undici by kind. */
const KIND_BY_CODE: Readonly<Record<string, TransportFailureKind>> = {
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  EAI_NODATA: "dns",
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  ENETDOWN: "unreachable",
  ECONNRESET: "reset",
  ECONNABORTED: "reset",
  EPIPE: "reset",
  UND_ERR_SOCKET: "reset",
  ETIMEDOUT: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  UND_ERR_HEADERS_TIMEOUT: "timeout",
  UND_ERR_BODY_TIMEOUT: "timeout",
  UND_ERR_HEADERS_OVERFLOW: "protocol",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "protocol",
  UND_ERR_RES_EXCEEDED_MAX_SIZE: "too_large",
  UND_ERR_CLOSED: "closed",
  UND_ERR_DESTROYED: "closed",
  EPROTO: "tls",
  CERT_HAS_EXPIRED: "tls",
  CERT_NOT_YET_VALID: "tls",
  CERT_REVOKED: "tls",
  CERT_UNTRUSTED: "tls",
  DEPTH_ZERO_SELF_SIGNED_CERT: "tls",
  SELF_SIGNED_CERT_IN_CHAIN: "tls",
  UNABLE_TO_GET_ISSUER_CERT: "tls",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "tls",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "tls",
  HOSTNAME_MISMATCH: "tls",
};

/** The kind of a system or library error; undefined for one that has nothing to do with the network. */
export function failureKind(error: unknown): TransportFailureKind | undefined {
  // undici leaves the code of most parser errors open; Node's own client says HPE_….
  if (error instanceof Error && error.name === "HTTPParserError") return "protocol";
  const code = codeOf(error);
  if (code === undefined) return undefined;
  // undici's name for bytes that are no response, under the code of a lost connection.
  if (code === "UND_ERR_SOCKET" && (error as Error).message.startsWith("bad ")) return "protocol";
  // undici asserts, inside its parser, that a 101 has the headers that belong to one.
  if (code === "ERR_ASSERTION") return "protocol";
  const known = KIND_BY_CODE[code];
  if (known !== undefined) return known;
  if (code.startsWith("HPE_")) return "protocol";
  return code.startsWith("ERR_TLS_") || code.startsWith("ERR_SSL_") ? "tls" : undefined;
}

function codeOf(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" ? code : undefined;
}

/** The InferenceError for a kind of failure; `detail` goes to the log only, `message` to the client. */
export function predictorError(
  kind: TransportFailureKind,
  detail: string,
  cause?: unknown,
  message?: string,
): InferenceError {
  const response = ANSWERS[kind];
  return new InferenceError(message ?? response.message, {
    code: response.code,
    cause: new PredictorFailure(kind, detail, cause),
  });
}

/**
 * The InferenceError for a transport error: unavailable when the predictor was not reached, deadline_exceeded when it kept
 * silent, bad_gateway when what came is no whole response. An error that is none of the network's is our own: internal.
 */
export function transportError(address: string, error: unknown, headSeen: boolean): InferenceError {
  if (InferenceError.isInstance(error)) return error;
  const kind = failureKind(error);
  const detail = `predictor ${address}: ${kind ?? "failed"}: ${describe(error)}`;
  if (kind === undefined) return new InferenceError("internal error", { cause: new Error(detail, { cause: error }) });
  if (headSeen && (kind === "reset" || kind === "protocol")) {
    return predictorError("protocol", detail, error, "the predictor's response ended before it was complete");
  }
  return predictorError(kind, detail, error);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = codeOf(error);
  const message = error.message === "" ? error.name : error.message;
  return code === undefined || message.includes(code) ? message : `${message} (${code})`;
}

/**
 * A predictor's "not found" as an error that names the model it was asked for, and the flag that names another one; status, headers and
 * cause stay, and what the predictor said is the end of the message. Every other error is itself.
 */
export function explainNotFound(error: unknown, predictorModelName: string): unknown {
  if (!InferenceError.isInstance(error) || error.code !== "not_found") return error;
  const { message, status, headers, cause } = error;
  // The body is ours now, and JSON.
  const { "content-type": _, ...kept } = headers ?? {};
  return new InferenceError(
    `the predictor has no model '${predictorModelName}' (--predictor_model_name says what it is called there): ${message}`,
    { status, headers: kept, cause },
  );
}
