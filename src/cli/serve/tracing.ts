import { InferenceError } from "../../errors.ts";
import type { Logger } from "../../inference/request-context.ts";
import type { Tracing } from "../../observability/tracing.ts";
import { resolveTracingOptions } from "../../observability/tracing-options.ts";
import type { Environment } from "../flags/environment.ts";

/**
 * Traces, when OpenTelemetry's variables ask for them. Without its packages the server runs on without traces and says how to
 * get them: a controller sets the variables for every component of a service.
 * @throws InferenceError invalid_argument that names the variable.
 */
export async function startTracing(env: Environment, log: Logger): Promise<Tracing | undefined> {
  const options = resolveTracingOptions(env);
  if (options === undefined) return undefined;
  const { createTracing } = await import("../../observability/tracing.ts");
  try {
    return await createTracing(options);
  } catch (error) {
    if (!InferenceError.isInstance(error) || error.code !== "unimplemented") throw error;
    log.warn({}, `no traces: ${error.message}`);
    return undefined;
  }
}

/** Sends the last spans. A collector that is not there is told of, and changes nothing about how the server ends. */
export async function endTracing(tracing: Tracing | undefined, log: Logger): Promise<void> {
  try {
    await tracing?.close();
  } catch (error) {
    log.warn({}, `the last traces could not be sent: ${(error as Error).message}`);
  }
}
