import { invalidArgument } from "../../errors.ts";
import type { InferenceGraphOptions } from "../../manifest/inference-graph.ts";
import { defined } from "../../manifest/kserve-objects.ts";

const TYPES = { sequence: "Sequence", switch: "Switch", ensemble: "Ensemble", splitter: "Splitter" } as const;

/** `--step` may stand several times, and its value need not be a pair. */
export function takeSteps(argv: readonly string[]): {
  readonly steps: readonly string[];
  readonly others: readonly string[];
} {
  const steps: string[] = [];
  const others: string[] = [];
  const queue = [...argv];
  for (let token = queue.shift(); token !== undefined; token = queue.shift()) {
    if (token !== "--step" && !token.startsWith("--step=")) {
      others.push(token);
      continue;
    }
    const step = token === "--step" ? queue.shift() : token.slice("--step=".length);
    if (step === undefined || step === "" || step.startsWith("-"))
      throw invalidArgument("--step expects a service's name");
    steps.push(step);
  }
  return { steps, others };
}

/** The graph that `--graph` and the steps mean. @throws InferenceError invalid_argument for a splitter's step without a percent */
export function readGraphOptions(
  name: string,
  flags: { readonly graph?: keyof typeof TYPES | undefined; readonly namespace?: string | undefined },
  steps: readonly string[],
): InferenceGraphOptions {
  const type = TYPES[flags.graph ?? "sequence"];
  return defined({
    name,
    namespace: flags.namespace,
    type,
    steps: steps.map((step) => {
      const equals = step.indexOf("=");
      const service = equals < 0 ? step : step.slice(0, equals);
      const value = equals < 0 ? undefined : step.slice(equals + 1);
      if (type !== "Splitter") return defined({ service, condition: value });
      if (value === undefined || !/^\d+$/.test(value)) {
        throw invalidArgument(`--step ${step}: a splitter expects NAME=PERCENT`);
      }
      return { service, weight: Number(value) };
    }),
  });
}
