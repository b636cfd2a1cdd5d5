import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildCommand } from "./command-process.ts";

beforeAll(() => void buildCommand(), 60_000);

const answering = (value: number) => `
import { Transformer } from "kserve-transformer";
export default class A extends Transformer {
  preprocess(request) { return request.reply({ predictions: [${value}] }); }
}`;

test("dev serves, serves anew what has changed, survives a mistake, and ends", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "dev-"));
  const file = join(cwd, "a.mjs");
  writeFileSync(file, answering(1));
  const child = spawn(process.execPath, [buildCommand(), "dev", "--host", "127.0.0.1", "--http_port", "0"], {
    cwd,
    env: { PATH: process.env["PATH"] },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const errors = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  const until = async (pattern: RegExp, source = lines): Promise<string> => {
    for (;;) {
      const { value, done } = await source.next();
      if (done) throw new Error(`ended before ${pattern}`);
      if (pattern.test(value)) return value;
    }
  };
  const ask = async () => {
    const url = /http:\/\/[\d.:]+\d/.exec(await until(/^[\d:.]+ INFO {2}ready at/))?.[0];
    const response = await fetch(`${url}/v1/models/model:predict`, { method: "POST", body: '{"instances":[0]}' });
    return response.json();
  };
  try {
    expect(await ask()).toEqual({ predictions: [1] });
    writeFileSync(file, answering(2));
    await until(/^a\.mjs has changed/);
    expect(await ask()).toEqual({ predictions: [2] });
    writeFileSync(file, "throw new Error('oops')");
    await until(/a\.mjs cannot be imported: Error: oops/, errors);
    writeFileSync(file, answering(3));
    expect(await ask()).toEqual({ predictions: [3] });
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  } finally {
    child.kill("SIGKILL");
    rmSync(cwd, { recursive: true });
  }
}, 60_000);
