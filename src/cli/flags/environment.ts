import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CA_FILE_NAMES } from "../../contract/environment.ts";
import { invalidArgument } from "../../errors.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment as flags read it. Kubernetes gives each pod NAME_PORT=tcp://IP:PORT for every Service beside it, which is no
 * setting of ours, though a Service may be called predictor. Some platforms set `PREDICTOR_PROTOCOL` to http or https: that is the scheme, not a
 * protocol. `KSERVE_LOGLEVEL` may be one of Python's names or numbers.
 */
export function toFlagEnvironment(env: Environment): Environment {
  const protocol = env["PREDICTOR_PROTOCOL"]?.trim().toLowerCase();
  const isScheme = protocol === "http" || protocol === "https";
  const level = env["KSERVE_LOGLEVEL"]?.trim().toUpperCase() ?? "";
  const links = Object.keys(env).filter(
    (name) => name.endsWith("_PORT") && /^(tcp|udp|sctp):\/\//.test(env[name] ?? ""),
  );
  return {
    ...env,
    ...Object.fromEntries(links.map((name) => [name, undefined])),
    ...(isScheme
      ? { PREDICTOR_PROTOCOL: undefined, PREDICTOR_USE_SSL: env["PREDICTOR_USE_SSL"] ?? String(protocol === "https") }
      : {}),
    ...(PYTHON_LEVELS.has(level) ? { KSERVE_LOGLEVEL: PYTHON_LEVELS.get(level) } : {}),
  };
}

const PYTHON_LEVELS: ReadonlyMap<string, string> = new Map([
  ["NOTSET", "trace"],
  ["0", "trace"],
  ["10", "debug"],
  ["20", "info"],
  ["30", "warn"],
  ["WARNING", "warn"],
  ["40", "error"],
  ["50", "error"],
  ["CRITICAL", "error"],
  ["FATAL", "error"],
]);

/**
 * The server's certificate and key.
 * @throws InferenceError invalid_argument when only one of the two is set, or a file cannot be read.
 */
export function readTls(env: Environment): { readonly cert: string; readonly key: string } | undefined {
  const certFile = env["KSERVE_TLS_CERT_FILE"];
  const keyFile = env["KSERVE_TLS_KEY_FILE"];
  if (!certFile && !keyFile) return undefined;
  if (certFile && keyFile)
    return { cert: read("KSERVE_TLS_CERT_FILE", certFile), key: read("KSERVE_TLS_KEY_FILE", keyFile) };
  const missing = certFile ? "KSERVE_TLS_KEY_FILE" : "KSERVE_TLS_CERT_FILE";
  throw invalidArgument(`environment variable ${missing} is missing: a certificate and its key go together`);
}

/**
 * The certificates (PEM) to trust at the predictor, from every variable that Python's and gRPC's clients read; undefined
 * where none is set, and Node's own are right. `NODE_EXTRA_CA_CERTS` adds to them, as it does to Node's.
 * @throws InferenceError invalid_argument that names the variable whose file cannot be read.
 */
export function readCaCertificates(env: Environment): readonly string[] | undefined {
  const own = CA_FILE_NAMES.flatMap((name) => (env[name] ? [read(name, env[name])] : []));
  const folders = env["SSL_CERT_DIR"]?.split(":").filter(Boolean) ?? [];
  own.push(...folders.flatMap((folder) => readFolder(folder)));
  if (own.length === 0) return undefined;
  const extra = env["NODE_EXTRA_CA_CERTS"];
  return extra ? [...own, read("NODE_EXTRA_CA_CERTS", extra)] : own;
}

function read(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw invalidArgument(
      `environment variable ${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}

/** As OpenSSL does, a folder that is not there is passed over, and so is what is no certificate. */
function readFolder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => /\.(pem|crt|cer)$/.test(file));
  return files
    .map((file) => read("SSL_CERT_DIR", join(folder, file)))
    .filter((text) => text.includes("BEGIN CERTIFICATE"));
}
