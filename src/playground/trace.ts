/**
 * What the page is told of one request: plain JSON, made when somebody asks for it. The page's own code imports these types,
 * so that both sides agree.
 */
export interface RunTrace {
  readonly id: string;
  readonly model: string;
  readonly verb: string;
  /** Wire form of the client: v1, v2, grpc-v2, openai … */
  readonly protocol: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly status: number;
  readonly milliseconds: number;
  readonly stages: readonly TraceStage[];
  readonly error?: TraceError;
  readonly request: Bytes;
  readonly response?: Bytes;
  /** What the hooks got, in both views. */
  readonly received?: TraceContent;
  readonly preprocess?: TraceContent;
  readonly predictor: readonly PredictorCallTrace[];
  /** What the predictor, or the hook in its place, gave back. */
  readonly predict?: TraceContent;
  readonly postprocess?: TraceContent;
}

/** One line of the list of runs. */
export type RunSummary = Pick<RunTrace, "id" | "model" | "verb" | "protocol" | "startedAt" | "status" | "milliseconds">;

export interface TraceStage {
  readonly name: string;
  /** After the request began. */
  readonly startMs: number;
  /** Undefined while it has not ended. */
  readonly milliseconds?: number;
  readonly failed: boolean;
  /** Bytes of a download. */
  readonly bytes?: number;
}

export interface TraceError {
  readonly code: string;
  readonly message: string;
  readonly status: number;
  /** Where the hook threw, only in development. */
  readonly thrown?: ThrownTrace;
}

export interface ThrownTrace {
  /** `TypeError: …` */
  readonly summary: string;
  /** The user's own frames first to last; the package's and Node's are left out. */
  readonly frames: readonly StackFrame[];
  /** The lines around the first frame. */
  readonly code?: CodeFrame;
}

export interface StackFrame {
  readonly where: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface CodeFrame {
  readonly firstLine: number;
  readonly lines: readonly string[];
}

/** A body, or as much of it as is sent to the page. */
export interface Bytes {
  readonly headers: Readonly<Record<string, string>>;
  readonly length: number;
  readonly base64: string;
  /** True when `base64` is the beginning only. */
  readonly isCut: boolean;
}

export interface PredictorCallTrace {
  readonly protocol: string;
  readonly path: string;
  readonly request: Bytes;
  readonly response?: Bytes;
}

/** Rows and columns of a request or a response. */
export interface TraceContent {
  readonly kind: "request" | "response";
  /** The view that it was made as; the other one is derived. */
  readonly native: "rows" | "tensors";
  readonly rows: Rows | Unavailable;
  readonly tensors: readonly TensorTrace[] | Unavailable;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface Rows {
  readonly count: number;
  /** The first ones; long texts are shortened. */
  readonly shown: readonly unknown[];
}

/** There is no such view of this content, and why. */
export interface Unavailable {
  readonly unavailable: string;
}

export interface TensorTrace {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly elements: number;
  readonly statistics?: TensorStatistics;
  /** Little-endian elements in base64; FP16 and BF16 come as FP32. */
  readonly data?: string;
  /** Type of an element in `data`. */
  readonly dataType?: "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "u64" | "i64" | "f32" | "f64";
  /** BYTES: the elements as text, `base64:…` for those that are no UTF-8. */
  readonly texts?: readonly string[];
  /** Elements that were sent, from the first on. */
  readonly sent: number;
}

export interface TensorStatistics {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deviation: number;
  readonly nan: number;
  readonly infinite: number;
  /** Elements by value, in equal steps from `min` to `max`. */
  readonly histogram: readonly number[];
}
