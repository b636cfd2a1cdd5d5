import type { Buffer } from "node:buffer";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";

/** Certificate chain and key in PEM. */
export interface ServerTls {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** Certificates (PEM) of which clients must show one's signature; without them no client is asked for a certificate. */
  readonly clientCa?: string | Buffer | undefined;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * TLS takes an empty certificate and serves nobody, takes a chain that breaks off, and takes no authorities for everybody's:
 * files that are being written look like that for a moment.
 * @throws Error that says which part is not whole, or that key and certificate do not fit.
 */
export function assertTls(tls: ServerTls): void {
  const [leaf] = readCertificates("the certificate", tls.cert);
  const key = reading("the key", () => createPrivateKey(tls.key));
  if (leaf?.checkPrivateKey(key) !== true) throw new Error("the key is not that of the certificate");
  if (tls.clientCa !== undefined) readCertificates("the certificate authority of clients", tls.clientCa);
  createSecureContext({ cert: tls.cert, key: tls.key });
}

function readCertificates(what: string, pem: string | Buffer): readonly X509Certificate[] {
  const text = String(pem);
  const found = text.match(CERTIFICATE) ?? [];
  if (found.length === 0) throw new Error(`${what} is empty or not PEM: expected -----BEGIN CERTIFICATE-----`);
  if (found.length !== text.split("-----BEGIN ").length - 1) throw new Error(`${what} breaks off`);
  return found.map((certificate) => reading(what, () => new X509Certificate(certificate)));
}

function reading<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${what} cannot be read: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}
