import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildCommand, parseLogs, type RunningCommand, runCommand, startServe } from "../command-process.ts";

let cwd: string;
const running: RunningCommand[] = [];

beforeAll(() => void buildCommand(), 60_000);
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "workers-"));
});
afterEach(async () => {
  for (const server of running.splice(0)) {
    server.kill("SIGKILL");
    await server.ended;
  }
  rmSync(cwd, { recursive: true });
});

const WHICH = `
import { Transformer } from "kserve-transformer";
import { createTensor } from "kserve-transformer/tensor";
export default class Which extends Transformer {
  preprocess(request) {
    return request.reply({ outputs: [createTensor("pid", "INT32", [1], Int32Array.of(process.pid))] });
  }
}`;

async function start(...argv: string[]): Promise<RunningCommand> {
  writeFileSync(join(cwd, "which.mjs"), WHICH);
  const server = await startServe(["which.mjs", "--drain_seconds", "0", "--predictor", "none", ...argv], { cwd });
  running.push(server);
  return server;
}

/** The process that answers. */
async function ask(url: string): Promise<number> {
  const response = await fetch(`${url}/v1/models/model:predict`, {
    method: "POST",
    body: '{"instances":[1]}',
    headers: { "content-type": "application/json", connection: "close" },
  });
  expect(response.status).toBe(200);
  const { predictions } = (await response.json()) as { readonly predictions: readonly number[] };
  return predictions[0] ?? 0;
}

async function until<T>(look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const started = (server: RunningCommand) => server.logs().find(({ msg }) => /^ready at/.test(String(msg)));
const requestsOf = (text: string) =>
  Number(/^kserve_transformer_requests_total\{.*status="200"\} (\d+)$/m.exec(text)?.[1]);

test("all workers are ready before the one line says so, each answers, and the counts of all are one, also once one is gone", async () => {
  const server = await start("--workers", "2", "--metrics_port", "0", "--probe_port", "0");
  expect(server.logs()).toHaveLength(1);
  expect(started(server)).toMatchObject({ workers: 2, msg: expect.stringMatching(/, 2 workers$/) });
  const { metricsPort, probePort } = started(server) as { metricsPort: number; probePort: number };
  const pids: number[] = [];
  for (let i = 0; i < 8; i++) pids.push(await ask(server.url));
  expect(new Set(pids).size).toBe(2);

  const scrape = async () => requestsOf(await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text());
  expect(await scrape()).toBe(8);
  expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
  await until(async () => (await fetch(`http://127.0.0.1:${probePort}/v2/health/ready`)).status === 200);

  const count = async () => {
    const response = await fetch(`${server.url}/v2/models/model/stats`, { headers: { connection: "close" } });
    const { model_stats: models } = (await response.json()) as { readonly model_stats: readonly object[] };
    return models;
  };
  const counted = (requests: number) => ({
    name: "model",
    inference_count: requests,
    inference_stats: { success: { count: requests } },
    batch_stats: [{ batch_size: 1, compute_infer: { count: requests } }],
  });
  expect(await count()).toMatchObject([counted(8)]);

  process.kill(pids[0] ?? 0, "SIGKILL");
  await until(() => server.logs().some(({ msg }) => msg === "the replacement is ready"));
  expect(await scrape()).toBe(8);
  expect(await count()).toMatchObject([counted(8)]);
  await until(async () => !new Set(pids).has(await ask(server.url)));

  server.kill("SIGHUP");
  await until(() => server.logs().some(({ msg }) => msg === "all workers are new"));
  expect(await scrape()).toBeGreaterThan(8);
  expect((await server.end()).code).toBe(0);
}, 60_000);

test("every worker answers a scrape for all of them", async () => {
  const server = await start("--workers", "2");
  for (let i = 0; i < 6; i++) await ask(server.url);
  for (let i = 0; i < 2; i++) {
    const response = await fetch(`${server.url}/metrics`, { headers: { connection: "close" } });
    expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(requestsOf(await response.text())).toBe(6);
  }
}, 60_000);

test("a transformer that cannot start says so once, with its exit code", async () => {
  writeFileSync(join(cwd, "none.mjs"), "export const nothing = 1;");
  const argv = ["serve", "none.mjs", "--workers", "3", "--http_port", "0", "--host", "127.0.0.1"];
  const { code, stderr, stdout } = await runCommand(argv, { cwd });
  expect(stderr.match(/no default export/g)).toHaveLength(1);
  expect([code, stdout]).toEqual([2, ""]);
}, 60_000);

test("a second signal ends primary and workers at once", async () => {
  const server = await start("--workers", "2", "--drain_seconds", "60");
  const pid = await ask(server.url);
  server.kill("SIGTERM");
  await until(() => server.logs().some(({ msg }) => String(msg).startsWith("ending")));
  server.kill("SIGTERM");
  expect((await server.ended).code).toBe(143);
  await until(() => !isAlive(pid));
}, 60_000);

test("SIGHUP to a single process ends nothing and says what it would take", async () => {
  const server = await start();
  server.kill("SIGHUP");
  await until(() => server.logs().some(({ msg }) => String(msg).startsWith("SIGHUP renews workers and certificates")));
  expect(await ask(server.url)).toBe(server.pid);
  expect(parseLogs((await server.end()).stdout).at(-1)).toMatchObject({ msg: "ended" });
}, 60_000);

test("OpenTelemetry's variables make traces, which are handed over at the end", async () => {
  writeFileSync(join(cwd, "which.mjs"), WHICH);
  const argv = ["which.mjs", "--drain_seconds", "0", "--log_level", "info"];
  const server = await startServe(argv, { cwd, env: { OTEL_TRACES_EXPORTER: "console" } });
  running.push(server);
  await ask(server.url);
  expect((await server.end()).stdout).toMatch(/traceId: '[0-9a-f]{32}'/);
}, 60_000);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
