import type { RunTrace, TraceContent } from "../../../src/playground/trace.ts";

export type StepName = "request" | "preprocess" | "predictor" | "predict" | "postprocess" | "response";

/** One station of a request, in the order in which it passes them. */
export interface Step {
  readonly name: StepName;
  readonly title: string;
  readonly subtitle: string;
  readonly milliseconds?: number;
  readonly failed: boolean;
  readonly content?: TraceContent;
}

/** The stations of a run; one that the request never reached is left out. */
export function stepsOf(trace: RunTrace): Step[] {
  const timeOf = (name: string) => trace.stages.find((stage) => stage.name === name);
  const steps: (Step | undefined)[] = [
    {
      name: "request",
      title: "Request",
      subtitle: protocolName(trace.protocol),
      failed: false,
      ...contentOf(trace.received),
    },
    hook(trace, "preprocess", trace.preprocess),
    trace.predictor.length === 0
      ? undefined
      : {
          name: "predictor",
          title: "To the predictor",
          subtitle: protocolName(trace.predictor[0]?.protocol ?? ""),
          failed: trace.predictor.some(({ response }) => response === undefined),
        },
    timeOf(trace.verb) === undefined
      ? undefined
      : {
          name: "predict",
          title: trace.verb,
          subtitle: trace.predict === undefined ? "failed" : describe(trace.predict),
          failed: timeOf(trace.verb)?.failed === true,
          ...timing(timeOf(trace.verb)?.milliseconds),
          ...contentOf(trace.predict),
        },
    hook(trace, "postprocess", trace.postprocess),
    {
      name: "response",
      title: "Response",
      subtitle: trace.error === undefined ? `status ${trace.status}` : trace.error.code,
      failed: trace.error !== undefined,
      ...timing(trace.milliseconds),
    },
  ];
  return steps.filter((step) => step !== undefined);
}

function hook(
  trace: RunTrace,
  name: "preprocess" | "postprocess",
  content: TraceContent | undefined,
): Step | undefined {
  const stage = trace.stages.find((each) => each.name === name);
  if (stage === undefined) return undefined;
  const subtitle = content === undefined ? "failed" : describe(content);
  return { name, title: name, subtitle, failed: stage.failed, ...timing(stage.milliseconds), ...contentOf(content) };
}

function timing(milliseconds: number | undefined) {
  return milliseconds === undefined ? {} : { milliseconds };
}

function contentOf(content: TraceContent | undefined) {
  return content === undefined ? {} : { content };
}

/** `image FP32 [1, 192, 192, 3]`, `2 rows`. */
function describe({ native, rows, tensors }: TraceContent): string {
  if (native === "tensors" && !("unavailable" in tensors)) {
    const [first, ...others] = tensors;
    if (first === undefined) return "no tensors";
    return others.length === 0 ? `${first.datatype} [${first.shape.join(", ")}]` : `${tensors.length} tensors`;
  }
  if ("unavailable" in rows) return "unreadable";
  return rows.count === 1 ? "1 row" : `${rows.count} rows`;
}

const NAMES: Readonly<Record<string, string>> = {
  v1: "V1 JSON",
  v2: "V2",
  "v2-binary": "V2 binary",
  "grpc-v2": "gRPC",
  grpc: "gRPC",
  "grpc-v1": "TensorFlow gRPC",
  openai: "OpenAI",
  generate: "generate",
};

export function protocolName(protocol: string): string {
  return NAMES[protocol] ?? protocol;
}
