import { once } from "node:events";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect } from "node:tls";
import { Agent, request } from "undici";
import { readTls } from "../../../src/cli/flags/environment.ts";
import { startTlsRenewal } from "../../../src/cli/serve/tls.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { createCertificate } from "../../server/grpc/grpc-certificate.ts";
import { buildCommand, type RunningCommand, runCommand, startServe } from "../command-process.ts";

const certificates = [createCertificate(), createCertificate(), createCertificate()];
const [first, second, client] = certificates;
/** Visibly skipped where there is no openssl to make certificates. */
const describeWithOpenssl = certificates.includes(undefined) ? describe.skip : describe;

let cwd: string;
const running: RunningCommand[] = [];

beforeAll(() => void buildCommand(), 60_000);
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "tls-"));
  writeFileSync(
    join(cwd, "echo.mjs"),
    `import { Transformer } from "kserve-transformer";
     export default class Echo extends Transformer {}`,
  );
});
afterEach(async () => {
  for (const server of running.splice(0)) {
    server.kill("SIGKILL");
    await server.ended;
  }
  rmSync(cwd, { recursive: true });
});

type Pair = typeof first;

/** As Kubernetes mounts a secret: links through a link that is moved as a whole. */
function mount(version: string, pair: Pair): Record<string, string> {
  const folder = join(cwd, version);
  mkdirSync(folder);
  writeFileSync(join(folder, "tls.crt"), pair?.cert ?? "");
  writeFileSync(join(folder, "tls.key"), pair?.key ?? "");
  symlinkSync(folder, join(cwd, "new"));
  renameSync(join(cwd, "new"), join(cwd, "data"));
  return { KSERVE_TLS_CERT_FILE: join(cwd, "data/tls.crt"), KSERVE_TLS_KEY_FILE: join(cwd, "data/tls.key") };
}

function write(name: string, content: string | Buffer | undefined): string {
  writeFileSync(join(cwd, name), content ?? "");
  return join(cwd, name);
}

async function start(env: Record<string, string>, ...argv: string[]): Promise<RunningCommand> {
  const server = await startServe(["echo.mjs", "--drain_seconds", "0", ...argv], { cwd, env });
  running.push(server);
  return server;
}

/** Which certificate a port shows: its number in the list, from 0. */
async function shown(port: number, options: ConnectionOptions = {}): Promise<number> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
  await once(socket, "secureConnect");
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  return certificates.findIndex((pair) => pair !== undefined && pem(raw) === pair.cert.toString().replace(/\s/g, ""));
}

const pem = (raw: Buffer) => `-----BEGINCERTIFICATE-----${raw.toString("base64")}-----ENDCERTIFICATE-----`;

const portOf = (url: string) => Number(new URL(url).port);

describeWithOpenssl("a server with a certificate", () => {
  test("shows the new one after SIGHUP, on the port of gRPC too, and the old one while the new key does not fit", async () => {
    const server = await start(mount("v1", first), "--grpc_port", "0");
    const { grpcUrl } = server.logs().find(({ grpcUrl: url }) => url !== undefined) as { grpcUrl: string };
    const ports = [portOf(server.url), portOf(`https://${grpcUrl}`)];
    const seen = () => Promise.all(ports.map((port) => shown(port, { ALPNProtocols: ["h2"] })));
    const told = async (message: RegExp) => {
      while (!server.logs().some(({ msg }) => message.test(String(msg))))
        await new Promise((next) => setTimeout(next, 10));
    };
    expect(await seen()).toEqual([0, 0]);
    mount("v2", second && first && { cert: second.cert, key: first.key });
    server.kill("SIGHUP");
    await told(/cannot be used: the old one is served on/);
    expect(await seen()).toEqual([0, 0]);
    mount("v3", second);
    server.kill("SIGHUP");
    await told(/certificate is renewed/);
    expect(await seen()).toEqual([1, 1]);
  }, 60_000);

  test("is told of new files without a signal", async () => {
    const env = mount("v1", first);
    const renewed = new Promise((resolve) => {
      const renewal = startTlsRenewal({
        read: () => readTls(env),
        log: createLogger({ level: "silent" }),
        intervalMs: 20,
        server: {
          renewTls: (tls) => {
            renewal.close();
            resolve(tls);
          },
        },
      });
    });
    mount("v2", second);
    expect(await renewed).toEqual({ cert: second?.cert.toString(), key: second?.key.toString() });
  });

  test("answers only clients whose certificate is signed by --client_ca_file, on both ports", async () => {
    const ca = write("client-ca.pem", client?.cert);
    const server = await start(mount("v1", first), "--client_ca_file", ca, "--grpc_port", "0");
    const ask = async (connection: Pick<ConnectionOptions, "cert" | "key">) => {
      const dispatcher = new Agent({ connect: { rejectUnauthorized: false, ...connection } });
      try {
        return (await request(`${server.url}/v2/health/live`, { dispatcher })).statusCode;
      } finally {
        await dispatcher.destroy();
      }
    };
    expect(await ask({ cert: client?.cert, key: client?.key })).toBe(200);
    await expect(ask({})).rejects.toThrow();
    await expect(ask({ cert: second?.cert, key: second?.key })).rejects.toThrow();
    const { grpcUrl } = server.logs().find(({ grpcUrl: url }) => url !== undefined) as { grpcUrl: string };
    const bare = connect({ port: portOf(`https://${grpcUrl}`), rejectUnauthorized: false, ALPNProtocols: ["h2"] });
    // In TLS 1.3 a client is done before the server has seen that it has no certificate.
    bare.on("secureConnect", () => bare.resume());
    await expect(once(bare, "end")).rejects.toThrow(/certificate/);
  }, 60_000);

  test("--client_ca_file without a certificate of the server's own is refused", async () => {
    const argv = ["serve", "echo.mjs", "--client_ca_file", write("ca.pem", client?.cert)];
    expect(await runCommand(argv, { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--client_ca_file needs --ssl_certfile and --ssl_keyfile"),
    });
  }, 60_000);
});

describeWithOpenssl("a predictor that asks for a certificate", () => {
  test("is shown that of --predictor_cert_file", async () => {
    const options = { cert: first?.cert, key: first?.key, ca: client?.cert, requestCert: true };
    const predictor = createServer(options, (incoming, outgoing) => {
      incoming.resume().on("end", () => outgoing.end('{"predictions":[7]}'));
    });
    await once(predictor.listen(0, "127.0.0.1"), "listening");
    const host = `https://127.0.0.1:${(predictor.address() as AddressInfo).port}`;
    const files = [
      "--predictor_cert_file",
      write("c.pem", client?.cert),
      "--predictor_key_file",
      write("k.pem", client?.key),
    ];
    const env = { SSL_CERT_FILE: write("trusted.pem", first?.cert) };
    try {
      const ask = async ({ url }: RunningCommand) =>
        (await fetch(`${url}/v1/models/model:predict`, { method: "POST", body: '{"instances":[1]}' })).status;
      expect(await ask(await start(env, "--predictor_host", host, ...files))).toBe(200);
      expect(await ask(await start(env, "--predictor_host", host))).toBeGreaterThanOrEqual(502);
    } finally {
      predictor.closeAllConnections();
      predictor.close();
    }
  }, 60_000);

  test.each([
    [["--predictor_cert_file", "c.pem"], "--predictor_cert_file and --predictor_key_file go together"],
    [["--predictor_cert_file", "c.pem", "--predictor_key_file", "k.pem"], "--predictor_cert_file needs TLS"],
    [
      ["--predictor_cert_file", "c.pem", "--predictor_key_file", "k.pem", "--predictor_use_ssl", "true"],
      "--predictor_cert_file: c.pem cannot be read (ENOENT)",
    ],
  ])(
    "%j is refused",
    async (argv, message) => {
      const all = ["serve", "echo.mjs", "--predictor_host", "127.0.0.1:1", "--http_port", "0", ...argv];
      expect(await runCommand(all, { cwd })).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
    },
    60_000,
  );
});
