import { InferenceError, invalidArgument } from "../../errors.ts";
import type { Logger } from "../../inference/request-context.ts";
import { assertTls } from "../../server/process/server-tls.ts";
import type { ServerHandle } from "../../server/serve.ts";
import type { ServeOptions } from "../../server/serve-options.ts";
import { type Environment, readTls } from "../flags/environment.ts";
import { readFileFlag } from "../flags/read-file-flag.ts";
import type { ServeFlags } from "./predictor-choice.ts";

type ServerTls = NonNullable<ServeOptions["tls"]>;

/**
 * The server's certificate and key, and whose certificates its clients must show; flags count before the environment.
 * @throws InferenceError invalid_argument when a file cannot be read or is not whole, when key and certificate do not fit, or
 *   when clients are to be asked without a certificate to show.
 */
export function readServerTls(flags: ServeFlags, env: Environment): ServerTls | undefined {
  const tls = readFiles(flags, env);
  if (tls === undefined) return undefined;
  try {
    assertTls(tls);
  } catch (error) {
    throw new InferenceError(
      `the server's certificate (${nameFlags(flags)}) cannot be used: ${(error as Error).message}`,
      {
        code: "invalid_argument",
        cause: error,
      },
    );
  }
  return tls;
}

function nameFlags({ ssl_certfile: file }: ServeFlags): string {
  return file === undefined ? "KSERVE_TLS_CERT_FILE" : "--ssl_certfile";
}

function readPair(flags: ServeFlags, env: Environment): ServerTls | undefined {
  const cert = readFileFlag("ssl_certfile", flags.ssl_certfile);
  const key = readFileFlag("ssl_keyfile", flags.ssl_keyfile);
  if (cert === undefined && key === undefined) return readTls(env);
  if (cert !== undefined && key !== undefined) return { cert, key };
  const missing = cert === undefined ? "--ssl_certfile" : "--ssl_keyfile";
  throw invalidArgument(`${missing} is missing: a certificate and its key go together`);
}

function readFiles(flags: ServeFlags, env: Environment): ServerTls | undefined {
  const tls = readPair(flags, env);
  const clientCa = readFileFlag("client_ca_file", flags.client_ca_file);
  if (clientCa === undefined) return tls;
  if (tls !== undefined) return { ...tls, clientCa };
  throw invalidArgument(
    "--client_ca_file needs --ssl_certfile and --ssl_keyfile (or KSERVE_TLS_CERT_FILE and KSERVE_TLS_KEY_FILE): only TLS asks for clients",
  );
}

export interface TlsRenewalOptions {
  /** Reads the files again. @throws when one cannot be read. */
  readonly read: () => ServerTls | undefined;
  readonly server: Pick<ServerHandle, "renewTls">;
  readonly log: Logger;
  /** @default 5000 */
  readonly intervalMs?: number;
}

/** Reads certificates again when their files change. */
export interface TlsRenewal {
  /** Looks now. */
  renew(): void;
  close(): void;
}

/**
 * Reads the files again and again: Kubernetes renews a mounted secret by moving a link, which tells watchers of the files
 * nothing. Where certificate and key do not fit, since only one of them is new yet, the old ones are served on.
 */
export function startTlsRenewal({ read, server, log, intervalMs = 5000 }: TlsRenewalOptions): TlsRenewal {
  let known = JSON.stringify(read());
  let complaint = "";
  const renew = (): void => {
    try {
      const tls = read();
      const found = JSON.stringify(tls);
      if (tls === undefined || found === known) return;
      known = found;
      server.renewTls(tls);
      complaint = "";
      log.info({}, "the server's certificate is renewed");
    } catch (error) {
      if (String(error) === complaint) return;
      complaint = String(error);
      log.warn({ error }, "the server's new certificate cannot be used: the old one is served on");
    }
  };
  const timer = setInterval(renew, intervalMs).unref();
  return { renew, close: () => clearInterval(timer) };
}
