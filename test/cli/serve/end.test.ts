import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createCertificate } from "../../server/grpc/grpc-certificate.ts";
import { buildCommand, type RunningCommand, runCommand, startServe } from "../command-process.ts";

let cwd: string;
const running: RunningCommand[] = [];
const sockets: Socket[] = [];

beforeAll(() => void buildCommand(), 60_000);
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "end-"));
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of running.splice(0)) {
    server.kill("SIGKILL");
    await server.ended;
  }
  rmSync(cwd, { recursive: true });
});

/** A transformer whose hooks are these. */
function write(hooks: string): void {
  writeFileSync(
    join(cwd, "own.mjs"),
    `import { Transformer } from "kserve-transformer"; export default class Own extends Transformer { ${hooks} }`,
  );
}

async function start(...argv: string[]): Promise<RunningCommand> {
  const server = await startServe(["own.mjs", ...argv], { cwd });
  running.push(server);
  return server;
}

async function open(port: number, text = ""): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1" });
  sockets.push(socket);
  socket.on("error", () => undefined).resume();
  await once(socket, "connect");
  if (text !== "") socket.write(text, "latin1");
  return socket;
}

/** An HTTP/2 client that says hello and nothing more. */
const IDLE_HTTP2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
const QUICK = ["--drain_seconds", "0", "--shutdown_timeout_seconds", "1"];
const SAY_CLOSED = `close() { console.log('{"msg":"closed"}'); }`;
const portOf = (url: string): number => Number(new URL(url).port);

/** Seconds from SIGTERM to the end. */
async function timeToEnd(server: RunningCommand): Promise<number> {
  const begun = performance.now();
  const { code, stdout } = await server.end();
  expect(code).toBe(0);
  expect(stdout).toContain('"closed"');
  return (performance.now() - begun) / 1000;
}

describe("SIGTERM ends the process in its time, and close has run", () => {
  test("while HTTP/2 connections are idle", async () => {
    write(SAY_CLOSED);
    const server = await start(...QUICK);
    for (let i = 0; i < 3; i++) await open(portOf(server.url), IDLE_HTTP2);
    await delay(300);
    expect(await timeToEnd(server)).toBeLessThan(4);
  });

  test("while a call of gRPC waits for its message", async () => {
    write(SAY_CLOSED);
    const server = await start(...QUICK);
    // HEADERS of one literal each: POST, a path, application/grpc.
    const fields = [
      [":method", "POST"],
      [":scheme", "http"],
      [":path", "/inference.GRPCInferenceService/ModelInfer"],
      [":authority", "x"],
      ["content-type", "application/grpc"],
    ] as const;
    const block = fields
      .map(([n, v]) => `\0${String.fromCharCode(n.length)}${n}${String.fromCharCode(v.length)}${v}`)
      .join("");
    const head = `\0\0${String.fromCharCode(block.length)}\x01\x04\0\0\0\x01`;
    await open(portOf(server.url), IDLE_HTTP2 + head + block);
    await delay(300);
    expect(await timeToEnd(server)).toBeLessThan(5);
  });

  test("while load runs and does not heed its signal", async () => {
    write(
      `load() { setTimeout(() => process.kill(process.pid, "SIGTERM"), 200); return new Promise(() => {}); } ${SAY_CLOSED}`,
    );
    const begun = performance.now();
    const argv = ["serve", "own.mjs", "--host", "127.0.0.1", "--http_port", "0", ...QUICK];
    const { code, stdout } = await runCommand(argv, { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('"closed"');
    expect(performance.now() - begun).toBeLessThan(6000);
  });

  test("and a close that does not come back is left", async () => {
    write("close() { return new Promise(() => {}); }");
    const server = await start(...QUICK);
    const begun = performance.now();
    const { code, stdout } = await server.end();
    expect(code).toBe(0);
    expect(stdout).toContain("not closed within 11 s");
    expect(performance.now() - begun).toBeLessThan(15_000);
  });
});

test.each([[[]], [["--workers", "2"]]])(
  "SIGHUP during the drain does not end it, flags %j",
  async (flags) => {
    write(
      `async preprocess(request) { await new Promise((r) => setTimeout(r, 1500)); return request.reply({ predictions: [1] }); }`,
    );
    const server = await start("--drain_seconds", "1", ...flags);
    const answer = fetch(`${server.url}/v1/models/model:predict`, { method: "POST", body: '{"instances":[1]}' });
    await delay(300);
    server.kill("SIGTERM");
    await delay(200);
    server.kill("SIGHUP");
    await delay(200);
    server.kill("SIGHUP");
    expect((await answer).status).toBe(200);
    expect((await server.ended).code).toBe(0);
  },
  30_000,
);

test("silent connections are closed on every port", async () => {
  write("");
  const ports = ["--probe_port", "0", "--metrics_port", "0", "--grpc_port", "0"];
  const server = await start("--header_timeout_seconds", "1", ...ports);
  const found = server.logs().find(({ probePort }) => probePort !== undefined) as {
    probePort: number;
    metricsPort: number;
    grpcUrl: string;
  };
  const all = [portOf(server.url), found.probePort, found.metricsPort, portOf(`http://${found.grpcUrl}`)];
  const closed = await Promise.all(
    all.map(async (port) => {
      const socket = await open(port);
      await once(socket, "close", { signal: AbortSignal.timeout(6000) });
      return port;
    }),
  );
  expect(closed).toEqual(all);
});

const certificate = createCertificate();
const other = createCertificate();
/** Visibly skipped where there is no openssl to make certificates. */
const describeWithOpenssl = certificate === undefined || other === undefined ? describe.skip : describe;

describeWithOpenssl("TLS", () => {
  function save(name: string, content: string | Buffer | undefined): string {
    writeFileSync(join(cwd, name), content ?? "");
    return join(cwd, name);
  }
  const pair = (): string[] => [
    "--ssl_certfile",
    save("tls.crt", certificate?.cert),
    "--ssl_keyfile",
    save("tls.key", certificate?.key),
  ];

  test("a connection without a handshake is closed, and does not keep the process", async () => {
    write(SAY_CLOSED);
    const server = await start(...pair(), "--header_timeout_seconds", "1", "--drain_seconds", "0");
    expect(server.url).toMatch(/^https:/);
    const silent = await open(portOf(server.url));
    await once(silent, "close", { signal: AbortSignal.timeout(6000) });
    // One that fails is not left open either.
    const plain = await open(portOf(server.url), "GET / HTTP/1.1\r\n\r\n");
    await once(plain, "close", { signal: AbortSignal.timeout(6000) });
    await open(portOf(server.url));
    expect(await timeToEnd(server)).toBeLessThan(5);
  });

  test.each([
    ["empty", ""],
    ["half written", String(certificate?.cert).slice(0, 300)],
    ["a chain that breaks off", `${certificate?.cert}${String(other?.cert).slice(0, 300)}`],
    ["another's", String(other?.cert)],
  ])(
    "a certificate file that is %s does not replace the old one",
    async (_, content) => {
      write("");
      const server = await start(...pair());
      save("tls.crt", content);
      server.kill("SIGHUP");
      while (!server.logs().some(({ msg }) => String(msg).includes("cannot be used"))) await delay(50);
      const socket = (await import("node:tls")).connect({ port: portOf(server.url), rejectUnauthorized: false });
      sockets.push(socket);
      await once(socket, "secureConnect");
      expect(socket.getPeerX509Certificate()?.toString().trim()).toBe(String(certificate?.cert).trim());
    },
    30_000,
  );

  test.each([
    [["--ssl_certfile", "tls.crt"], "--ssl_keyfile is missing"],
    [["--ssl_keyfile", "tls.key"], "--ssl_certfile is missing"],
    [["--ssl_certfile", "empty", "--ssl_keyfile", "tls.key"], "the certificate is empty or not PEM"],
    [["--ssl_certfile", "other.crt", "--ssl_keyfile", "tls.key"], "the key is not that of the certificate"],
    [["--ssl_certfile", "no.crt", "--ssl_keyfile", "tls.key"], "--ssl_certfile: no.crt cannot be read"],
  ])(
    "%j is refused at the start",
    async (argv, message) => {
      write("");
      pair();
      save("empty", "");
      save("other.crt", other?.cert);
      const result = await runCommand(["serve", "own.mjs", "--http_port", "0", ...argv], { cwd });
      expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
    },
    30_000,
  );
});
