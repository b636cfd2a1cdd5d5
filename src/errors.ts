import { brandClass, hasBrand } from "./brand.ts";

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
}

/** HTTP and gRPC status of each code. */
export const STATUS: Readonly<Record<ErrorCode, Status>> = {
  invalid_argument: { http: 400, grpc: 3 },
  unauthenticated: { http: 401, grpc: 16 },
  permission_denied: { http: 403, grpc: 7 },
  not_found: { http: 404, grpc: 5 },
  method_not_allowed: { http: 405, grpc: 12 },
  payload_too_large: { http: 413, grpc: 8 },
  unsupported_media_type: { http: 415, grpc: 3 },
  resource_exhausted: { http: 429, grpc: 8 },
  cancelled: { http: 499, grpc: 1 },
  internal: { http: 500, grpc: 13 },
  unimplemented: { http: 501, grpc: 12 },
  bad_gateway: { http: 502, grpc: 14 },
  unavailable: { http: 503, grpc: 14 },
  deadline_exceeded: { http: 504, grpc: 4 },
};

/** The code that names an HTTP error status best; used for the answers of predictors. */
export function codeFromHttpStatus(status: number): ErrorCode {
  for (const [code, row] of Object.entries(STATUS) as [ErrorCode, Status][]) {
    if (row.http === status) return code;
  }
  return status >= 400 && status < 500 ? "invalid_argument" : "bad_gateway";
}

/** The code that names a gRPC status best; used for the answers of gRPC predictors. */
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
    case 2:
    case 13:
    case 15:
      return "internal";
    default:
      return "invalid_argument";
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

/**
 * The one error of this package. Its message is meant for the client; thrown by a hook it is answered in the hook's own
 * words (status, headers, body). Every other thrown value reaches the client as "internal error" with the request id.
 */
export class InferenceError extends Error {
  static {
    brandClass(InferenceError, "InferenceError");
  }

  override readonly name = "InferenceError";
  readonly code: ErrorCode;
  /** HTTP status of the answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly body: unknown;

  constructor(message: string, options: InferenceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code ?? (options.status === undefined ? "internal" : codeFromHttpStatus(options.status));
    this.status = options.status ?? STATUS[this.code].http;
    this.headers = options.headers;
    this.body = options.body;
  }

  /** True for an InferenceError of this or of another copy of the package (a global command meets a local package). */
  static isInstance(value: unknown): value is InferenceError {
    return typeof value === "object" && hasBrand(value, "InferenceError");
  }

  /** `value` itself when it is an InferenceError, else an "internal error" that carries it as its cause. */
  static from(value: unknown): InferenceError {
    return InferenceError.isInstance(value) ? value : new InferenceError("internal error", { cause: value });
  }
}

/** Shorthand for the error that bad input gets: 400, INVALID_ARGUMENT. */
export function invalidArgument(message: string, cause?: unknown): InferenceError {
  return new InferenceError(message, { code: "invalid_argument", cause });
}
