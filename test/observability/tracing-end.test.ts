import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildCommand, startServe } from "../cli/command-process.ts";

let cwd: string;

beforeAll(() => void buildCommand(), 60_000);
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "tracing-end-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

test("a server whose collector is gone ends as any other, and says that its last traces are lost", async () => {
  const hooks = "predict(request) { return request.reply({ predictions: [1] }); }";
  writeFileSync(
    join(cwd, "own.mjs"),
    `import { Transformer } from "kserve-transformer"; export default class Own extends Transformer { ${hooks} }`,
  );
  const argv = ["own.mjs", "--model_name", "m", "--predictor", "none", "--drain_seconds", "0"];
  const server = await startServe(argv, { cwd, env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" } });
  const { status } = await fetch(`${server.url}/v1/models/m:predict`, { method: "POST", body: '{"instances":[1]}' });
  expect(status).toBe(200);
  const { code, stderr } = await server.end();
  expect([code, stderr]).toEqual([0, ""]);
  const lines = server.logs().map(({ level, msg }) => `${level}: ${msg}`);
  expect(lines.at(-2)).toMatch(/^warn: the last traces could not be sent: .*ECONNREFUSED/);
  expect(lines.at(-1)).toBe("info: ended");
});
