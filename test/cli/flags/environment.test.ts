import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Environment,
  readCaCertificates,
  readTls,
  toFlagEnvironment,
} from "../../../src/cli/flags/environment.ts";
import { parseFlags } from "../../../src/cli/flags/parse-flags.ts";
import { SERVE_FLAGS } from "../../../src/contract/flags.ts";

const read = (env: Environment, argv: string[] = []) => parseFlags(SERVE_FLAGS, argv, toFlagEnvironment(env)).values;

describe("PREDICTOR_PROTOCOL", () => {
  test("a protocol is a protocol", () => {
    expect(read({ PREDICTOR_PROTOCOL: "v2" })).toMatchObject({ predictor_protocol: "v2", predictor_use_ssl: false });
  });

  test.each([
    ["https", true],
    ["HTTPS", true],
    ["http", false],
  ])("%s is the scheme and leaves the protocol alone", (text, useSsl) => {
    expect(read({ PREDICTOR_PROTOCOL: text })).toMatchObject({ predictor_protocol: "v1", predictor_use_ssl: useSsl });
  });

  test("a flag beats the scheme", () => {
    expect(read({ PREDICTOR_PROTOCOL: "https" }, ["--predictor_use_ssl", "false"]).predictor_use_ssl).toBe(false);
  });

  test("anything else is refused", () => {
    expect(() => read({ PREDICTOR_PROTOCOL: "ftp" })).toThrow(
      'environment variable PREDICTOR_PROTOCOL expects one of v1, v2, grpc-v1, grpc-v2, auto, got "ftp"',
    );
  });
});

test.each([
  ["INFO", "info"],
  ["debug", "debug"],
  ["WARNING", "warn"],
  ["CRITICAL", "error"],
  ["10", "debug"],
])("KSERVE_LOGLEVEL=%s logs from %s on", (text, level) => {
  expect(read({ KSERVE_LOGLEVEL: text }).log_level).toBe(level);
});

describe("certificates to trust at the predictor", () => {
  let folder: string;
  const pem = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`;
  const file = (name: string) => {
    const path = join(folder, `${name}.pem`);
    writeFileSync(path, pem(name));
    return path;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ca-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("without a variable Node's own count", () => {
    expect(readCaCertificates({})).toBeUndefined();
    expect(readCaCertificates({ SSL_CERT_FILE: "", NODE_EXTRA_CA_CERTS: "/not/read" })).toBeUndefined();
  });

  test.each(["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"])(
    "%s is read",
    (name) => {
      expect(readCaCertificates({ [name]: file("one") })).toEqual([pem("one")]);
    },
  );

  test("SSL_CERT_DIR is read whole, without what is no certificate, and folders that are not there are passed over", () => {
    file("a");
    file("b");
    writeFileSync(join(folder, "README.crt"), "no certificate");
    expect(readCaCertificates({ SSL_CERT_DIR: `/not/there:${folder}` })?.toSorted()).toEqual([pem("a"), pem("b")]);
  });

  test("NODE_EXTRA_CA_CERTS adds to them", () => {
    const certificates = readCaCertificates({ SSL_CERT_FILE: file("one"), NODE_EXTRA_CA_CERTS: file("extra") });
    expect(certificates).toEqual([pem("one"), pem("extra")]);
  });

  test("a file that cannot be read is named with its variable", () => {
    expect(() => readCaCertificates({ REQUESTS_CA_BUNDLE: "/no/such.pem" })).toThrow(
      "environment variable REQUESTS_CA_BUNDLE: /no/such.pem cannot be read (ENOENT)",
    );
  });
});

test("certificate and key of the server are read, and go together", () => {
  const folder = mkdtempSync(join(tmpdir(), "tls-"));
  const [cert, key] = [join(folder, "tls.crt"), join(folder, "tls.key")];
  writeFileSync(cert, "certificate");
  writeFileSync(key, "key");
  expect(readTls({})).toBeUndefined();
  expect(readTls({ KSERVE_TLS_CERT_FILE: cert, KSERVE_TLS_KEY_FILE: key })).toEqual({
    cert: "certificate",
    key: "key",
  });
  expect(() => readTls({ KSERVE_TLS_CERT_FILE: cert })).toThrow("environment variable KSERVE_TLS_KEY_FILE is missing");
  expect(() => readTls({ KSERVE_TLS_KEY_FILE: key })).toThrow("environment variable KSERVE_TLS_CERT_FILE is missing");
  expect(() => readTls({ KSERVE_TLS_CERT_FILE: cert, KSERVE_TLS_KEY_FILE: "/no/such.key" })).toThrow(
    "environment variable KSERVE_TLS_KEY_FILE: /no/such.key cannot be read (ENOENT)",
  );
  rmSync(folder, { recursive: true });
});

test("what Kubernetes sets for a Service called predictor is no setting of ours", () => {
  const links = {
    PREDICTOR_PORT: "tcp://10.96.0.12:80",
    PREDICTOR_SERVICE_PORT: "80",
    METRICS_PORT: "udp://10.0.0.1:1",
  };
  expect(read(links).predictor_port).toBeUndefined();
  expect(read(links, ["--predictor_port", "81"]).predictor_port).toBe(81);
  expect(read({ PREDICTOR_PORT: "82" }).predictor_port).toBe(82);
  expect(() => read({ PREDICTOR_PORT: "http://a" })).toThrow("environment variable PREDICTOR_PORT expects");
});
