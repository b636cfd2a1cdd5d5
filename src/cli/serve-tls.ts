import { unwatchFile, watchFile } from "node:fs";
import { invalidArgument } from "../errors.ts";
import type { Logger } from "../inference/request-context.ts";
import type { ServerHandle } from "../server/serve.ts";
import type { ServeOptions } from "../server/serve-options.ts";
import { type Environment, readTls } from "./environment.ts";
import type { ServeFlags } from "./predictor-choice.ts";
import { readFileFlag } from "./read-file-flag.ts";

type ServerTls = NonNullable<ServeOptions["tls"]>;

/**
 * The server's certificate and key, and whose certificates its clients must show.
 * @throws InferenceError invalid_argument when a file cannot be read, or clients are to be asked without a certificate to show.
 */
export function readServerTls(flags: ServeFlags, env: Environment): ServerTls | undefined {
  const tls = readTls(env);
  const clientCa = readFileFlag("client_ca_file", flags.client_ca_file);
  if (clientCa === undefined) return tls;
  if (tls !== undefined) return { ...tls, clientCa };
  throw invalidArgument(
    "--client_ca_file needs KSERVE_TLS_CERT_FILE and KSERVE_TLS_KEY_FILE: only TLS asks for clients",
  );
}

/** The files behind `readServerTls`. */
export function serverTlsFiles(flags: ServeFlags, env: Environment): readonly string[] {
  const names = [env["KSERVE_TLS_CERT_FILE"], env["KSERVE_TLS_KEY_FILE"], flags.client_ca_file];
  return names.filter((name): name is string => name !== undefined && name !== "");
}

export interface TlsRenewalOptions {
  /** Files whose change is looked for. */
  readonly files: readonly string[];
  /** Reads them anew. @throws when one cannot be read. */
  readonly read: () => ServerTls | undefined;
  readonly server: Pick<ServerHandle, "renewTls">;
  readonly log: Logger;
  /** @default 5000 */
  readonly intervalMs?: number;
}

/** Serves certificates anew when their files change. */
export interface TlsRenewal {
  /** Looks now. */
  renew(): void;
  close(): void;
}

/**
 * Looks at the files by their time and number, through links: Kubernetes renews a mounted secret by moving a link, which tells
 * watchers of the files themselves nothing. Where certificate and key do not fit, since only one of them is new yet, the old
 * ones are served on.
 */
export function startTlsRenewal({ files, read, server, log, intervalMs = 5000 }: TlsRenewalOptions): TlsRenewal {
  let served = JSON.stringify(read());
  const renew = (): void => {
    try {
      const tls = read();
      const found = JSON.stringify(tls);
      if (tls === undefined || found === served) return;
      server.renewTls(tls);
      served = found;
      log.info({}, "the server's certificate is renewed");
    } catch (error) {
      log.warn({ error }, "the server's new certificate cannot be used: the old one is served on");
    }
  };
  for (const file of files) watchFile(file, { interval: intervalMs, persistent: false }, renew);
  return {
    renew,
    close: () => {
      for (const file of files) unwatchFile(file, renew);
    },
  };
}
