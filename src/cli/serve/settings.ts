import { TLS_PORT } from "../../contract/ports.ts";
import { invalidArgument } from "../../errors.ts";
import { createServerTiming } from "../../observability/server-timing.ts";
import type { ServeOptions } from "../../server/serve-options.ts";
import type { Environment } from "../flags/environment.ts";
import { readFileFlag } from "../flags/read-file-flag.ts";
import { readAuthentication } from "./authentication-settings.ts";
import type { ServeFlags } from "./predictor-choice.ts";
import { readServerTls } from "./tls.ts";

/**
 * The flags as options of `serve`, in its units.
 * @throws InferenceError invalid_argument when the server's certificate cannot be read.
 */
export function toServeOptions(flags: ServeFlags, given: ReadonlySet<string>, env: Environment): ServeOptions {
  const tls = readServerTls(flags, env);
  return {
    modelName: flags.model_name,
    host: flags.host,
    // The SDK serves --ssl_certfile on --http_port; KServe's own variable comes with a port of its own.
    port: env["KSERVE_TLS_CERT_FILE"] && !flags.ssl_certfile && !given.has("http_port") ? TLS_PORT : flags.http_port,
    tls,
    grpc: flags.enable_grpc,
    grpcPort: flags.enable_grpc ? flags.grpc_port : undefined,
    probePort: flags.probe_port,
    maxHeartbeatAgeMs: toMilliseconds(flags.probe_heartbeat_seconds),
    limits: {
      maxBodyBytes: flags.max_body_bytes,
      maxResponseBytes: flags.max_response_bytes,
      maxJsonDepth: flags.max_json_depth,
      maxInstances: flags.max_instances,
      maxTensors: flags.max_tensors,
      maxElements: flags.max_elements,
    },
    maxConcurrency: flags.max_concurrency,
    maxQueue: flags.max_queue,
    imageThreads: flags.image_threads,
    forwardHeaders: flags.forward_headers?.map((name) => name.toLowerCase()),
    forwardAuthorization: flags.forward_authorization,
    docs: flags.enable_docs_url,
    authentication: readAuthentication(flags),
    modelControl: readModelControl(flags),
    warmUp: readWarmUp(flags),
    corsOrigins: flags.cors_origins,
    compressResponses: flags.compress_responses,
    openaiRoutePrefix: flags.openai_route_prefix,
    predictorOpenaiPrefix: flags.predictor_openai_prefix.replace(/\/+$/, ""),
    cloudEvents: { type: flags.ce_type, source: flags.ce_source, merge: flags.ce_merge },
    checkRequests: flags.check_requests,
    checkRows: flags.check_rows,
    nonFinite: flags.non_finite,
    chaining: flags.chaining,
    enablePredictorHealthCheck: flags.enable_predictor_health_check,
    listeners: flags.server_timing ? [createServerTiming()] : [],
    requestTimeoutMs: toMilliseconds(flags.request_timeout_seconds),
    headersTimeoutMs: toMilliseconds(flags.header_timeout_seconds),
    receiveTimeoutMs: toMilliseconds(flags.receive_timeout_seconds),
    maxConcurrentStreams: flags.max_concurrent_streams,
    maxHeaderBytes: flags.max_header_bytes,
    drainDelayMs: toMilliseconds(flags.drain_seconds),
    shutdownTimeoutMs: toMilliseconds(flags.shutdown_timeout_seconds),
    keepAliveTimeoutMs: toMilliseconds(flags.timeout_keep_alive),
  };
}

/** A request reaches one process only. */
function readModelControl({ model_control: control, workers }: ServeFlags): boolean {
  if (control && workers > 1) throw invalidArgument("--model_control goes with one process: it takes no --workers");
  return control;
}

/** One body, or one a line. */
function readWarmUp({ warmup_file: path }: ServeFlags): readonly Uint8Array[] {
  if (path === undefined) return [];
  const text = readFileFlag("warmup_file", path);
  const bodies = isJson(text) ? [text] : text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const wrong = bodies.findIndex((body) => !isJson(body));
  if (wrong >= 0) throw invalidArgument(`--warmup_file: ${path}:${wrong + 1} is no JSON`);
  if (bodies.length === 0) throw invalidArgument(`--warmup_file: ${path} is empty`);
  return bodies.map((body) => Buffer.from(body));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
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
