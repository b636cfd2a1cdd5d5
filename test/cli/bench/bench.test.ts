import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { buildCommand, runCommand, startCommand } from "../command-process.ts";
import { type BenchServer, startBenchServer, succeed } from "./bench-server.ts";

let cwd: string;
let server: BenchServer;
beforeAll(async () => {
  buildCommand();
  server = await startBenchServer();
}, 60_000);
afterAll(() => server.close());
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "bench-"));
  server.seen.length = 0;
  server.respond = succeed;
  server.metadata = undefined;
});
afterEach(() => rmSync(cwd, { recursive: true }));

const SHORT = ["--warm_up_seconds", "0", "--duration_seconds", "0.2"];
const bench = (...argv: string[]) => runCommand(["bench", server.url, ...argv, ...SHORT], { cwd });

test("each concurrency is a line with throughput, failures and percentiles; the server's timings stand below", async () => {
  const { code, stdout, stderr } = await bench("[1]", "[2]", "--concurrency", "1,3");
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain(`v1 to clothes at ${server.url}: one request of 23 bytes`);
  expect(stdout).toMatch(
    /concurrency +per second +failed +min ms +p50 +p90 +p95 +p99 +p99\.9 +max\n +1 +[\d.]+ +0 .*\n +3 +/,
  );
  expect(stdout).toMatch(/\n 1 +predict +1\.50 +1\.50/);
  expect(server.seen[0]).toMatchObject({ path: "/v1/models/clothes:predict", body: '{"instances":[[1],[2]]}' });
});

test("the rows of a file are sent in turn, so many at a time, with the header that was given", async () => {
  writeFileSync(join(cwd, "rows.jsonl"), "[1]\n[2]\n[3]\n");
  const argv = ["--data", "rows.jsonl", "--batch_rows", "2", "--header", "Host: clothes.example.com"];
  expect((await bench(...argv)).stdout).toContain("2 requests in turn of 19 to 23 bytes");
  expect(server.seen.slice(0, 3).map(({ body }) => body)).toEqual([
    '{"instances":[[1],[2]]}',
    '{"instances":[[3]]}',
    '{"instances":[[1],[2]]}',
  ]);
  expect(server.seen[0]?.headers.host).toBe("clothes.example.com");
});

test("files of a folder that are no pictures are told", async () => {
  mkdirSync(join(cwd, "pictures"));
  for (const name of ["a.jpg", "notes.docx"]) writeFileSync(join(cwd, "pictures", name), "x");
  const { code, stderr, stdout } = await bench("--data", "pictures");
  expect([code, stderr]).toEqual([0, "left out, since no picture has such a name: notes.docx\n"]);
  expect(stdout).toContain("one request of");
});

test("without rows the inputs are made up from the metadata, different ones in turn", async () => {
  server.metadata = { name: "clothes", inputs: [{ name: "x", datatype: "FP32", shape: [-1, 2] }], outputs: [] };
  expect((await bench("--protocol", "v2", "--batch_rows", "3")).code).toBe(0);
  const [first, second] = server.seen.map(({ body }) => JSON.parse(body).inputs[0]);
  expect(first).toMatchObject({ name: "x", datatype: "FP32", shape: [3, 2] });
  expect(first.data).toHaveLength(6);
  expect(first.data).not.toEqual(second.data);
});

test("--json - prints the report for programs, --json FILE writes it beside the text", async () => {
  const { stdout } = await bench("[1]", "--json", "-");
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ model: "clothes", protocol: "v1", message_bytes: [19], interrupted: false });
  expect(report.levels).toMatchObject([{ concurrency: 1, failed: 0, windows: 1, stable: null }]);
  const { requests, seconds, requests_per_second: perSecond, latency_ms: latency } = report.levels[0];
  expect(perSecond / (requests / seconds)).toBeCloseTo(1, 1);
  expect(latency.min).toBeLessThanOrEqual(latency.p50);
  expect(latency.p99_9).toBeLessThanOrEqual(latency.max);
  const both = await bench("[1]", "--json", "report.json");
  expect(both.stdout).toContain("per second");
  expect(JSON.parse(readFileSync(join(cwd, "report.json"), "utf8")).levels).toHaveLength(1);
});

test("failures are counted by kind with what the first of them said; some are no reason to fail", async () => {
  server.respond = (response, number) => {
    if (number % 4 === 1) response.writeHead(503).end('{"error":"busy"}');
    else if (number % 4 === 2) response.destroy();
    else succeed(response);
  };
  const { code, stdout } = await bench("[1]");
  expect(code).toBe(0);
  expect(stdout).toMatch(/at 1: \d+ × status 503, the first: busy\n/);
  expect(stdout).toMatch(/at 1: \d+ × reset, the first: the server closed the connection without a response\n/);
});

test("a response that is late is a timeout, and its connection is not used again", async () => {
  server.respond = (response, number) => {
    if (number === 1) setTimeout(() => response.end("late"), 300);
    else succeed(response);
  };
  const { stdout } = await bench("[1]", "--model_name", "clothes", "--timeout_seconds", "0.1");
  expect(stdout).toContain("1 × timeout, the first: no response within 0.1 s");
});

test("a connection that is idle for longer than a request may take is kept", async () => {
  const ports = new Set<number | undefined>();
  server.respond = (response) => {
    ports.add(response.req.socket.remotePort);
    succeed(response);
  };
  const argv = ["bench", server.url, "[1]", "--model_name", "clothes", "--rate", "4", "--timeout_seconds", "0.15"];
  await runCommand([...argv, "--warm_up_seconds", "0", "--duration_seconds", "1.1"], { cwd });
  expect(server.seen.length).toBeGreaterThanOrEqual(4);
  // More than one only where a response took longer than the 250 ms to the next request.
  expect(ports.size).toBeLessThan(server.seen.length);
});

test("nothing but failures is exit code 1", async () => {
  server.respond = (response) => void response.writeHead(404).end("no such model");
  const { code, stdout } = await bench("[1]");
  expect([code, stdout]).toEqual([1, expect.stringMatching(/× status 404, the first: no such model/)]);
  const argv = ["bench", "http://127.0.0.1:1", "[1]", "--model_name", "m", ...SHORT];
  const away = await runCommand(argv, { cwd });
  expect([away.code, away.stdout]).toEqual([1, expect.stringMatching(/× refused, the first: connect ECONNREFUSED/)]);
});

test("--rate sends so many a second, whatever the responses take", async () => {
  server.respond = (response) => void setTimeout(() => succeed(response), 50);
  const { stdout } = await runCommand(["bench", server.url, "[1]", "--rate", "50,100", ...SHORT, "--json", "-"], {
    cwd,
  });
  const { levels } = JSON.parse(stdout);
  expect(levels).toMatchObject([{ rate: 50, failed: 0, waiting: 0 }, { rate: 100 }]);
  expect(levels[0].latency_ms.min).toBeGreaterThanOrEqual(49);
});

test("--slo_p99_ms searches a rate; where even one request is too slow there is none", async () => {
  server.respond = (response) => void setTimeout(() => succeed(response), 30);
  const argv = ["bench", server.url, "[1]", "--slo_p99_ms", "5", "--rate", "20", ...SHORT];
  const { code, stdout } = await runCommand(argv, { cwd });
  expect(stdout).toContain("no rate with p99 at most 5 ms: 5 per second was too much");
  expect(code).toBe(1);
});

test("a signal ends it with what was measured so far", async () => {
  const argv = [
    "bench",
    server.url,
    "[1]",
    "--concurrency",
    "1,2",
    "--warm_up_seconds",
    "0",
    "--duration_seconds",
    "60",
  ];
  const running = startCommand(argv, { cwd });
  while (server.seen.length < 5) await delay(10);
  running.kill("SIGINT");
  const { code, stdout } = await running.ended;
  expect(stdout).toMatch(/\n +1 +[\d.]+ +0 /);
  expect(stdout).toContain("interrupted: this is what was measured so far");
  expect(code).toBe(1);
});

test.each<[string[], string]>([
  [["[1]", "--rate", "5", "--concurrency", "1"], "--concurrency is one kind of load, --rate another: give one of both"],
  [["[1]", "--rate", "fast"], '--rate expects numbers above 0, got "fast"'],
  [["[1]", "--slo_p99_ms", "5", "--rate", "1,2"], "--rate expects one number to begin the search with, got 1,2"],
  [["[1]", "--connections", "5"], "--connections goes with --rate and --slo_p99_ms"],
  [["[1]", "--data", "x.jsonl"], "expected rows or --data, got both"],
  [["--data", "x.jsonl"], "--data x.jsonl: there is no such file or folder"],
  [["[1]", "--concurrency", "1,0"], '--concurrency expects whole numbers above 0, got "0"'],
  [
    ["[1]", "--window_seconds", "1"],
    "--window_seconds is of the rule of stability, which --duration_seconds leaves out",
  ],
  [["[1]", "--shape", "x=1"], "--shape x is of made-up tensors; rows were given"],
  [[], "clothes says nothing of its inputs in /v2/models/clothes; give rows or --data"],
])("%j is told in plain words", async (argv, message) => {
  const { code, stderr } = await bench(...argv);
  expect([code, stderr]).toEqual([2, expect.stringContaining(`kserve-transformer: ${message}`)]);
});
