import { resolve } from "node:path";
import type { FlagValues } from "../contract/flag.ts";
import type { SERVE_FLAGS } from "../contract/flags.ts";
import { invalidArgument } from "../errors.ts";
import type { HttpPredictorOptions } from "../predictor/http-predictor-options.ts";
import { type Environment, readCaCertificates } from "./environment.ts";

export type ServeFlags = FlagValues<typeof SERVE_FLAGS>;

/** Where answers come from: nowhere but the hooks, a model in this process, or a predictor over the network. */
export type PredictorChoice =
  | { readonly kind: "none" }
  | { readonly kind: "onnx"; readonly path: string; readonly predictorModelName: string | undefined }
  | { readonly kind: "http"; readonly options: HttpPredictorOptions };

/** `--predictor` says it in one word; without it `--predictor_host` does; without both the hooks are the whole model. */
export function resolvePredictorChoice(flags: ServeFlags, env: Environment, cwd: string): PredictorChoice {
  const word = flags.predictor;
  if (word === "none") return { kind: "none" };
  if (word?.startsWith("onnx:")) {
    return {
      kind: "onnx",
      path: resolve(cwd, word.slice("onnx:".length)),
      predictorModelName: flags.predictor_model_name,
    };
  }
  const host = word ?? flags.predictor_host;
  if (host === undefined) return { kind: "none" };
  if (flags.predictor_protocol === "grpc-v2") throw invalidArgument("--predictor_protocol grpc-v2 is not there yet");
  const isSecure = host.includes("://") ? host.startsWith("https://") : flags.predictor_use_ssl;
  return {
    kind: "http",
    options: {
      protocol: flags.predictor_protocol,
      host: withPort(host, flags.predictor_port),
      useSsl: host.includes("://") ? undefined : flags.predictor_use_ssl,
      ca: isSecure ? readCaCertificates(env) : undefined,
      predictorModelName: flags.predictor_model_name,
      binary: flags.predictor_binary,
      v1Form: flags.predictor_v1_form,
      requestTimeoutMs: Math.ceil(flags.predictor_request_timeout_seconds * 1000),
      maxResponseBytes: flags.max_response_bytes,
      retries: flags.predictor_request_retries,
    },
  };
}

/** A URL and a host with a port keep what they say; an IPv6 address without brackets gets them. */
function withPort(host: string, port: number | undefined): string {
  if (host.includes("://")) return host;
  const bracketed = (host.match(/:/g)?.length ?? 0) > 1 && !host.startsWith("[") ? `[${host}]` : host;
  return port === undefined || /:\d+$/.test(bracketed) ? bracketed : `${bracketed}:${port}`;
}
