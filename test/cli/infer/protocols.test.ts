import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InferRequest } from "../../../src/inference/infer-request.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { createPlayground } from "../../../src/playground/playground.ts";
import { type ServerHandle, serve } from "../../../src/server/serve.ts";
import { createTensor } from "../../../src/tensor/tensor.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";
import { buildCommand, runCommand } from "../command-process.ts";

/** Gives back what it got, and a picture for the trace. */
class Echo extends Transformer {
  override preprocess(request: InferRequest): InferRequest {
    const names = request.inputs.map(({ name, datatype }) => `${name} ${datatype}`);
    if (names.includes("fail BOOL")) throw new Error("told to");
    return request;
  }
  override predict(request: InferRequest) {
    const data = Float32Array.from({ length: 8 * 8 * 3 }, (_, index) => index);
    const picture = createTensor("picture", "FP32", [1, 8, 8, 3], data);
    return request.reply({ outputs: [...request.inputs, ...(request.inputs.length > 1 ? [] : [picture])] });
  }
}

let server: ServerHandle;
let cwd: string;
beforeAll(async () => {
  buildCommand();
  cwd = mkdtempSync(join(tmpdir(), "infer-protocols-"));
  const options = { host: "127.0.0.1", port: 0, modelName: "echo", playground: createPlayground({ sources: true }) };
  server = await serve(Echo, { ...options, log: createLogger({ level: "silent" }) });
  await server.ready();
}, 60_000);
afterAll(async () => {
  await server.close();
  rmSync(cwd, { recursive: true });
});

const infer = (...argv: string[]) => runCommand(["infer", ...argv, "--url", server.url], { cwd });

test.each(["v1", "v2", "v2-binary", "grpc"])("fields reach the model over %s under their names", async (protocol) => {
  const { code, stdout, stderr } = await infer("age=41", "city=Bern", "--protocol", protocol);
  expect([code, stderr]).toEqual([0, ""]);
  const { predictions, outputs } = JSON.parse(stdout);
  if (protocol === "v1") expect(predictions).toEqual([{ age: 41, city: "Bern" }]);
  else {
    expect(outputs).toMatchObject([
      { name: "age", datatype: "FP64", shape: [1], data: [41] },
      { name: "city", datatype: "BYTES", shape: [1], data: ["Bern"] },
    ]);
  }
});

test("a file in a field, a file with a byte order mark, and a scheme that is left out", async () => {
  writeFileSync(join(cwd, "note.txt"), "hello");
  writeFileSync(join(cwd, "row.json"), '\uFEFF{"a":1,"b":2}');
  const host = server.url.replace("http://", "");
  const field = await runCommand(["infer", "body=@note.txt", "n=1", "--url", host], { cwd });
  expect(JSON.parse(field.stdout)).toEqual({ predictions: [{ body: "hello", n: 1 }] });
  const marked = await infer("row.json");
  expect(JSON.parse(marked.stdout)).toEqual({ predictions: [{ a: 1, b: 2 }] });
});

test("--trace shows the stages, the tensors and the picture; an error its own line", async () => {
  const { stdout } = await infer("[1.5]", "--trace");
  expect(stdout).toMatch(/v1 predict echo: 200 in [\d.]+ ms/);
  expect(stdout).toMatch(/preprocess +█/);
  expect(stdout).toMatch(/picture FP32 \[1, 8, 8, 3\] {2}min 0, max 191, mean 95\.5/);
  expect(stdout).toContain("@");
  const failed = await infer("fail=true", "n=1", "--trace");
  expect([failed.code, failed.stdout]).toEqual([1, expect.stringContaining("internal: internal error")]);
  expect(failed.stdout).toContain("protocols.test.ts");
});

test("--repeat sends it again and prints percentiles; failures are counted by kind", async () => {
  const { code, stdout } = await infer("[1]", "--repeat", "20", "--concurrency", "4");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^20 requests in [\d.]+ s, [\d.]+ per second, 0 failed\nmilliseconds: min .*p50 .*p99 .*max/);
  const failed = await infer("fail=true", "n=1", "--repeat", "3");
  expect([failed.code, failed.stdout]).toEqual([1, expect.stringContaining("3 × status 500")]);
});

test("a flag that would have no effect beside the others is refused", async () => {
  const lone = await infer("[1]", "--concurrency", "4");
  expect([lone.code, lone.stderr]).toEqual([2, expect.stringContaining("at most the 1 of --repeat, got 4")]);
  const traced = await infer("[1]", "--trace", "--repeat", "3");
  expect([traced.code, traced.stderr]).toEqual([2, expect.stringContaining("--trace: expected one request")]);
});

test("what a protocol has no form for is said", async () => {
  const explain = await infer("[1]", "--explain", "--protocol", "grpc");
  expect(explain.stderr).toContain("--explain is V1's, got --protocol grpc");
  const chat = await infer("[1]", "--protocol", "openai");
  expect(chat.stderr).toContain("--protocol openai takes text=…");
});
