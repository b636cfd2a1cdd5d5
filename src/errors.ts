import { brandClass, hasBrand } from "./brand.ts";
import { shortenText } from "./shorten-text.ts";

/**
 * What can go wrong, as one union. The table below is the only place where a code becomes an HTTP or a gRPC status.
 */
export type ErrorCode =
  | "invalid_argument"
  | "unauthenticated"
  | "permission_denied"
  | "not_found"
  | "method_not_allowed"
  | "payload_too_large"
  | "unsupported_media_type"
  | "resource_exhausted"
  | "cancelled"
  | "internal"
  | "unimplemented"
  | "bad_gateway"
  | "unavailable"
  | "deadline_exceeded";

interface Status {
  readonly http: number;
  /** Number of the gRPC status code (https://grpc.io/docs/guides/status-codes/). */
  readonly grpc: number;
  /** What happened, for docs/errors.md. */
  readonly happened: string;
  /** Who can fix it, and how. */
  readonly fix: string;
}

/** HTTP and gRPC status of each code, and what docs/errors.md says of it. */
export const STATUS: Readonly<Record<ErrorCode, Status>> = {
  invalid_argument: {
    http: 400,
    grpc: 3,
    happened: "The request cannot be read, or its content does not fit what the model expects.",
    fix: "The client. The message names the field, what was expected and what came.",
  },
  unauthenticated: {
    http: 401,
    grpc: 16,
    happened: "The request carries no credentials, or credentials that the server does not accept.",
    fix: "The client. Send an API key in `x-api-key`, or a bearer token.",
  },
  permission_denied: {
    http: 403,
    grpc: 7,
    happened: "The credentials are known, and do not allow this.",
    fix: "The operator, in the predictor or in the hook that refused.",
  },
  not_found: {
    http: 404,
    grpc: 5,
    happened: "There is no such model, version or route.",
    fix: "The client, by the names that `GET /v1/models` lists. Where the predictor does not know the model, the operator: set `--predictor_model_name`.",
  },
  method_not_allowed: {
    http: 405,
    grpc: 12,
    happened: "The route exists and takes another method.",
    fix: "The client. The header `Allow` lists the methods.",
  },
  payload_too_large: {
    http: 413,
    grpc: 8,
    happened: "The body, or a file that a hook downloads, is larger than the limit.",
    fix: "The client sends less, or the operator raises the limit that the message names.",
  },
  unsupported_media_type: {
    http: 415,
    grpc: 3,
    happened: "The body or the picture has a format that this server does not read.",
    fix: "The client. The message names the format and those that are read.",
  },
  resource_exhausted: {
    http: 429,
    grpc: 8,
    happened: "The predictor refuses more work at the moment.",
    fix: "The client waits as long as `Retry-After` says. The operator adds replicas.",
  },
  cancelled: {
    http: 499,
    grpc: 1,
    happened: "The client left before the response was written.",
    fix: "Nobody has to. Many of them mean that the client's own timeout is too short.",
  },
  internal: {
    http: 500,
    grpc: 13,
    happened:
      "A hook or the server itself failed. The client is told where a hook made a wrong request or response, and nothing of an exception.",
    fix: "The author of the transformer. The log has the stack under the `request_id`.",
  },
  unimplemented: {
    http: 501,
    grpc: 12,
    happened: "The model does not have what the request asks for, for example `:explain`.",
    fix: "The author writes the hook, or the client does without.",
  },
  bad_gateway: {
    http: 502,
    grpc: 14,
    happened: "The predictor sent something that is no valid response.",
    fix: "The operator of the predictor. The log shows what came.",
  },
  unavailable: {
    http: 503,
    grpc: 14,
    happened: "The model is loading or ending, the predictor cannot be reached, or the server is full.",
    fix: "The client tries again after `Retry-After`. The operator looks at the predictor's health and at `--max_concurrency`.",
  },
  deadline_exceeded: {
    http: 504,
    grpc: 4,
    happened: "A hook or the predictor took longer than the request may take.",
    fix: "The operator: `--request_timeout_seconds` and the predictor's speed; or the client, which set a shorter deadline of its own.",
  },
};

/** The code that names an HTTP error status best; used for the responses of predictors. */
export function codeFromHttpStatus(status: number): ErrorCode {
  for (const [code, row] of Object.entries(STATUS) as [ErrorCode, Status][]) {
    if (row.http === status) return code;
  }
  return status >= 400 && status < 500 ? "invalid_argument" : "bad_gateway";
}

/** The code that names a gRPC status best; used for the responses of gRPC predictors. */
export function codeFromGrpcStatus(status: number): ErrorCode {
  switch (status) {
    case 1:
      return "cancelled";
    case 4:
      return "deadline_exceeded";
    case 5:
      return "not_found";
    case 7:
      return "permission_denied";
    case 8:
      return "resource_exhausted";
    case 12:
      return "unimplemented";
    case 14:
      return "unavailable";
    case 16:
      return "unauthenticated";
    case 3:
    case 6:
    case 9:
    case 10:
    case 11:
      return "invalid_argument";
    default:
      // 2, 13, 15, and what is no status of gRPC, which counts as 2 (UNKNOWN).
      return "internal";
  }
}

export interface InferenceErrorOptions {
  /** @default "internal" */
  readonly code?: ErrorCode;
  /** HTTP status to answer with instead of the code's own. */
  readonly status?: number;
  /** Response headers, for example `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The whole response body instead of `{"error": message}`: bytes go out as they are, anything else as JSON. */
  readonly body?: unknown;
  /** What led to it; logged, never shown to a client. */
  readonly cause?: unknown;
}

/** Characters of a message: names, datatypes and other words of a client may be as long as its body, and no response or log line is. */
const MAX_MESSAGE = 4096;

/**
 * The one error of this package. Its message is meant for the client; thrown by a hook it is answered in the hook's own
 * words (status, headers, body), and loses its middle beyond 4,096 characters. Every other thrown value reaches the client as "internal error" with the request id.
 */
export class InferenceError extends Error {
  static {
    brandClass(InferenceError, "InferenceError");
  }

  override readonly name = "InferenceError";
  readonly code: ErrorCode;
  /** HTTP status of the response. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** Not enumerable, since a log line would hold its bytes one by one. */
  declare readonly body: unknown;

  constructor(message: string, options: InferenceErrorOptions = {}) {
    super(shortenText(message, MAX_MESSAGE), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code ?? (options.status === undefined ? "internal" : codeFromHttpStatus(options.status));
    this.status = options.status ?? STATUS[this.code].http;
    this.headers = options.headers;
    Object.defineProperty(this, "body", { value: options.body });
  }

  /** True for an InferenceError of this or of another copy of the package (a global command meets a local package). */
  static isInstance(value: unknown): value is InferenceError {
    return typeof value === "object" && hasBrand(value, "InferenceError");
  }

  /**
   * `value` itself when it is an InferenceError, else an "internal error" that carries it as its cause. The frames are the
   * cause's: where it was wrapped tells nobody anything.
   */
  static from(value: unknown): InferenceError {
    if (InferenceError.isInstance(value)) return value;
    const error = new InferenceError("internal error", { cause: value });
    if (typeof (value as { readonly stack?: unknown } | null | undefined)?.stack === "string") {
      error.stack = `${error.name}: ${error.message}`;
    }
    return error;
  }
}

/** Shorthand for the error that bad input gets: 400, INVALID_ARGUMENT. */
export function invalidArgument(message: string, cause?: unknown): InferenceError {
  return new InferenceError(message, { code: "invalid_argument", cause });
}
