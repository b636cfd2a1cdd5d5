import { resolve } from "node:path";
import type { FlagValues } from "../../contract/flag.ts";
import type { SERVE_FLAGS } from "../../contract/flags.ts";
import { invalidArgument } from "../../errors.ts";
import type { CreatePredictorOptions } from "../../predictor/create-predictor.ts";
import { type Environment, readCaCertificates } from "../flags/environment.ts";
import { readFileFlag } from "../flags/read-file-flag.ts";

export type ServeFlags = FlagValues<typeof SERVE_FLAGS>;

/** What `createPredictor` takes. */
export interface PredictorChoice {
  readonly target: string;
  readonly options: CreatePredictorOptions;
}

/**
 * The predictor that the flags mean: `--predictor` says it in one word; without it `--predictor_host` does; undefined where
 * neither is given.
 */
export function resolvePredictorChoice(flags: ServeFlags, env: Environment, cwd: string): PredictorChoice | undefined {
  const word = flags.predictor ?? flags.predictor_host;
  if (word === undefined) return undefined;
  const names = { modelName: flags.model_name, predictorModelName: flags.predictor_model_name };
  if (flags.predictor === "none") {
    assertForms(flags, "none");
    return { target: "none", options: names };
  }
  if (flags.predictor?.startsWith("onnx:")) {
    assertForms(flags, "onnx");
    return { target: `onnx:${resolve(cwd, flags.predictor.slice("onnx:".length))}`, options: names };
  }
  assertForms(flags, flags.predictor_protocol);
  const isUrl = word.includes("://");
  const isSecure = isUrl ? word.startsWith("https://") : flags.predictor_use_ssl;
  return {
    target: withPort(word, flags.predictor_port),
    options: {
      ...names,
      protocol: flags.predictor_protocol,
      useSsl: isUrl ? undefined : isSecure,
      ca: isSecure ? readCaCertificates(env) : undefined,
      ...readClientCertificate(flags, isSecure),
      binary: flags.predictor_binary,
      v1Form: flags.predictor_v1_form,
      requestTimeoutMs: toMilliseconds(flags.predictor_request_timeout_seconds),
      maxResponseBytes: flags.max_response_bytes,
      retries: flags.predictor_request_retries,
      refreshIntervalMs: toMilliseconds(flags.predictor_refresh_seconds),
    },
  };
}

/** Predictors that each form has a meaning for; `auto` may find one of them. */
const FORMS = { predictor_binary: ["v2", "grpc-v2", "auto"], predictor_v1_form: ["v1", "auto"] } as const;

/** @throws InferenceError invalid_argument for a form of bodies that this predictor does not know. */
function assertForms(flags: ServeFlags, predictor: ServeFlags["predictor_protocol"] | "onnx" | "none"): void {
  for (const [flag, predictors] of Object.entries(FORMS)) {
    const { [flag as keyof typeof FORMS]: form } = flags;
    if (form === "auto" || predictors.some((each) => each === predictor)) continue;
    const expected = `--predictor_protocol ${predictors.join(", ")}`;
    throw invalidArgument(`--${flag} ${form} has no effect on the predictor (${predictor}): it goes with ${expected}`);
  }
}

function toMilliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.ceil(seconds * 1000);
}

/** What the predictor is shown of us, where it asks its clients for certificates. */
function readClientCertificate(
  { predictor_cert_file: certFile, predictor_key_file: keyFile }: ServeFlags,
  isSecure: boolean,
): Pick<CreatePredictorOptions, "cert" | "key"> {
  if (certFile === undefined && keyFile === undefined) return {};
  if (certFile === undefined || keyFile === undefined) {
    throw invalidArgument("--predictor_cert_file and --predictor_key_file go together");
  }
  if (!isSecure) throw invalidArgument("--predictor_cert_file needs TLS to the predictor: --predictor_use_ssl");
  return {
    cert: readFileFlag("predictor_cert_file", certFile),
    key: readFileFlag("predictor_key_file", keyFile),
  };
}

/** A URL and a host with a port keep what they say; an IPv6 address without brackets gets them. */
function withPort(host: string, port: number | undefined): string {
  if (host.includes("://")) return host;
  const bracketed = (host.match(/:/g)?.length ?? 0) > 1 && !host.startsWith("[") ? `[${host}]` : host;
  return port === undefined || /:\d+$/.test(bracketed) ? bracketed : `${bracketed}:${port}`;
}
