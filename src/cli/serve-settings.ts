import { TLS_PORT } from "../contract/ports.ts";
import { createServerTiming } from "../observability/server-timing.ts";
import type { ServeOptions } from "../server/serve-options.ts";
import { type Environment, resolveTlsFiles } from "./environment.ts";
import type { ServeFlags } from "./predictor-choice.ts";

/** The flags as options of `serve`, in its units. */
export function toServeOptions(flags: ServeFlags, given: ReadonlySet<string>, env: Environment): ServeOptions {
  const isSecure = resolveTlsFiles(env) !== undefined;
  return {
    modelName: flags.model_name,
    host: flags.host,
    port: isSecure && !given.has("http_port") ? TLS_PORT : flags.http_port,
    limits: {
      maxBodyBytes: flags.max_body_bytes,
      maxResponseBytes: flags.max_response_bytes,
      maxJsonDepth: flags.max_json_depth,
      maxInstances: flags.max_instances,
      maxTensors: flags.max_tensors,
      maxElements: flags.max_elements,
    },
    forwardHeaders: flags.forward_headers?.map((name) => name.toLowerCase()),
    checkRequests: flags.check_requests,
    checkRows: flags.check_rows,
    chaining: flags.chaining,
    enablePredictorHealthCheck: flags.enable_predictor_health_check,
    stages: flags.server_timing ? [createServerTiming()] : [],
    requestTimeoutMs: toMilliseconds(flags.request_timeout_seconds),
    drainDelayMs: toMilliseconds(flags.drain_seconds),
    shutdownTimeoutMs: toMilliseconds(flags.shutdown_timeout_seconds),
    keepAliveTimeoutMs: toMilliseconds(flags.timeout_keep_alive),
  };
}

function toMilliseconds(seconds: number): number {
  return Math.ceil(seconds * 1000);
}

/** What the user should know of the settings before the first request, one sentence each. */
export function settingNotes(flags: ServeFlags, given: ReadonlySet<string>, env: Environment): readonly string[] {
  const notes: string[] = [];
  if (given.has("predictor") && given.has("predictor_host")) {
    notes.push("--predictor counts, --predictor_host does not");
  }
  const port = env["PORT"];
  if (port !== undefined && port !== "" && port !== String(flags.http_port)) {
    notes.push(
      `the platform sends requests to port ${port} (environment variable PORT), but --http_port is ${flags.http_port}`,
    );
  }
  return notes;
}
