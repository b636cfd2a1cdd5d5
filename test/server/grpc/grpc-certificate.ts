import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate of localhost and its key in PEM; undefined where there is no openssl to make it. */
export function createCertificate(): { readonly cert: Buffer; readonly key: Buffer } | undefined {
  const folder = mkdtempSync(join(tmpdir(), "certificate-"));
  const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const files = ["-keyout", keyFile, "-out", certFile];
  try {
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...files, ...subject], {
      stdio: "ignore",
    });
    return { cert: readFileSync(certFile), key: readFileSync(keyFile) };
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
