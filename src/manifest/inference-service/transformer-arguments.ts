import { HTTP_PORT, SERVICE_PORT } from "../../contract/ports.ts";
import type { ResolvedOptions } from "./resolve-options.ts";

/** Seconds that a transformer waits for its last requests when nothing else is said, inside Kubernetes' 30. */
const SHUTDOWN_SECONDS = 20;

/**
 * What the controller does not add: the protocol, and whatever differs from its defaults. Beside a predictor in one pod it
 * adds nothing at all.
 */
export function createTransformerArguments(options: ResolvedOptions): string[] {
  const { layout, mode, name, port, protocol, predictor, transformer, timeoutSeconds } = options;
  const args: string[] = [];
  const add = (flag: string, value: string | number | undefined) => {
    if (value !== undefined) args.push(`--${flag}`, String(value));
  };
  if (layout === "collocated") add("model_name", name);
  add("predictor_host", predictorHost(options));
  add("predictor_protocol", protocol);
  // vLLM's own server has OpenAI's routes at the root; KServe's servers have them below /openai.
  if (protocol === undefined) add("predictor_openai_prefix", "/");
  add("predictor_model_name", predictor.modelName);
  if (layout === "collocated" || port !== HTTP_PORT) add("http_port", port);
  add("grpc_port", transformer.grpcPort);
  add("request_timeout_seconds", timeoutSeconds);
  if (timeoutSeconds !== undefined && timeoutSeconds > SHUTDOWN_SECONDS) {
    add("shutdown_timeout_seconds", timeoutSeconds);
  }
  if (mode === "Knative" && layout === "standalone" && transformer.containerConcurrency !== undefined) {
    // Knative keeps the limit; the controller would start as many processes on top of it.
    add("workers", 1);
  }
  return [...args, ...(transformer.args ?? [])];
}

/** Where the controller's `NAME-predictor.NAMESPACE` would not do: one pod, gRPC, and headless services. */
function predictorHost(options: ResolvedOptions): string | undefined {
  const { name, namespace, layout, predictor, predictorPort, protocol } = options;
  if (layout === "collocated") return `localhost:${predictorPort}`;
  const host = `${name}-predictor${namespace === undefined ? "" : `.${namespace}`}`;
  if (predictor.headless === true) return `${host}:${predictorPort}`;
  return protocol?.startsWith("grpc") === true ? `${host}:${SERVICE_PORT}` : undefined;
}

/** Pod seconds for drain and last requests; undefined where Kubernetes' default of 30 is enough. */
export function terminationGracePeriod(timeoutSeconds: number | undefined): number | undefined {
  return timeoutSeconds === undefined || timeoutSeconds <= SHUTDOWN_SECONDS ? undefined : timeoutSeconds + 10;
}
