import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildCommand } from "../command-process.ts";

beforeAll(() => void buildCommand(), 60_000);

const answering = (value: string) => `
import { Transformer } from "kserve-transformer";
import { value } from "./lib/value.mjs";
export default class A extends Transformer {
  preprocess(request) {
    return request.reply({ predictions: [${value}] });
  }
}
`;

/** `dev` in a folder of its own, with everything that it writes. */
class Dev {
  readonly cwd = mkdtempSync(join(tmpdir(), "dev-"));
  readonly child: ChildProcess;
  #text = "";
  #read = 0;

  constructor(files: Readonly<Record<string, string>>, flags: readonly string[] = []) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    const argv = [buildCommand(), "dev", "a.mjs", "--host", "127.0.0.1", "--http_port", "0", ...flags];
    this.child = spawn(process.execPath, argv, { cwd: this.cwd, env: { PATH: process.env["PATH"], HOME: this.cwd } });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (chunk) => {
        this.#text += String(chunk);
      });
    }
  }

  write(name: string, text: string): void {
    mkdirSync(join(this.cwd, name, ".."), { recursive: true });
    writeFileSync(join(this.cwd, name), text);
  }

  /** The match of a pattern in what was written since the last one. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    const end = performance.now() + 15_000;
    for (;;) {
      const found = pattern.exec(this.#text.slice(this.#read));
      if (found !== null) {
        this.#read += found.index + found[0].length;
        return found;
      }
      if (performance.now() > end) throw new Error(`no ${pattern} in:\n${this.#text}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async url(): Promise<string> {
    return (await this.until(/ready at (http:\/\/[\d.:]+\d)/))[1] ?? "";
  }

  close(): void {
    this.child.kill("SIGKILL");
    rmSync(this.cwd, { recursive: true });
  }
}

const predict = async (url: string) =>
  (await fetch(`${url}/v1/models/model:predict`, { method: "POST", body: '{"instances":[0]}' })).json();

const FILES = { "a.mjs": answering("value"), "lib/value.mjs": "export const value = 1;" };

test("dev restarts for the module and what it imports, keeps the port, and survives a mistake", async () => {
  const dev = new Dev(FILES);
  try {
    const url = await dev.url();
    await dev.until(/predict +http/);
    expect(await predict(url)).toEqual({ predictions: [1] });
    await dev.until(/ 200 v1 predict model {2}[\d.]+ ms \(.*preprocess/);
    dev.write("lib/value.mjs", "export const value = 2;");
    await dev.until(/lib\/value\.mjs has changed: restarting/);
    await dev.until(/restarted in \d+ ms/);
    expect(await predict(url)).toEqual({ predictions: [2] });
    dev.write("a.mjs", "throw new Error('oops')");
    await dev.until(/a\.mjs cannot be imported: Error: oops/);
    await dev.until(/the version before goes on serving; waiting for changes/);
    expect(await predict(url)).toEqual({ predictions: [2] });
    dev.write("a.mjs", answering("3"));
    await dev.until(/restarted in/);
    expect(await predict(url)).toEqual({ predictions: [3] });
    dev.child.kill("SIGTERM");
    expect(await once(dev.child, "exit")).toEqual([0, null]);
  } finally {
    dev.close();
  }
}, 60_000);

test("a log in the folder and a file written without a change restart nothing", async () => {
  const dev = new Dev(FILES);
  try {
    await dev.url();
    for (let i = 0; i < 5; i++) dev.write("dev.log", `line ${i}`);
    dev.write("a.mjs", FILES["a.mjs"]);
    await new Promise((resolve) => setTimeout(resolve, 400));
    dev.write("a.mjs", answering("7"));
    const [text] = await dev.until(/[\s\S]*?restarted in/);
    expect(text.match(/has changed/g)).toHaveLength(1);
  } finally {
    dev.close();
  }
}, 60_000);

test("an exception of a hook is shown with the user's line, the framework's frames folded", async () => {
  const dev = new Dev({ ...FILES, "a.mjs": answering("request.nothing.there") });
  try {
    const body = await predict(await dev.url());
    expect(body).toMatchObject({ error: "internal error", code: "internal" });
    const [text] = await dev.until(/TypeError: [\s\S]*?frames? of the framework and of Node/);
    expect(text).toContain("at A.preprocess (a.mjs:6:");
    expect(text).toContain("  > 6 |     return request.reply({ predictions: [request.nothing.there] });");
    expect(text).not.toContain("/dist/src/");
  } finally {
    dev.close();
  }
}, 60_000);

test("no connection is refused while it restarts", async () => {
  const dev = new Dev(FILES);
  try {
    const url = await dev.url();
    const outcomes: string[] = [];
    let running = true;
    const ask = () =>
      new Promise<string>((resolve) => {
        // A connection of its own for each request: a kept one would not show a port that is closed.
        const agent = new Agent({ keepAlive: false });
        const sent = request(`${url}/v1/models/model:predict`, { method: "POST", agent }, (response) => {
          response.resume().on("end", () => resolve(String(response.statusCode)));
        });
        sent.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
        sent.end('{"instances":[0]}');
      });
    const asking = (async () => {
      while (running) outcomes.push(await ask());
    })();
    for (const value of ["4", "5", "6"]) {
      dev.write("a.mjs", answering(value));
      await dev.until(/restarted in/);
    }
    running = false;
    await asking;
    expect(outcomes.length).toBeGreaterThan(20);
    expect(outcomes.filter((outcome) => outcome !== "200")).toEqual([]);
    expect(await predict(url)).toEqual({ predictions: [6] });
  } finally {
    dev.close();
  }
}, 60_000);

test("--mock makes up the declared outputs; a misspelt flag is refused with the one that was meant", async () => {
  const declared = `
import { Transformer } from "kserve-transformer";
export default class A extends Transformer {
  outputs = [{ name: "logits", datatype: "FP32", shape: [-1, 2] }];
  postprocess(response) {
    return response.withPredictions(response.outputs.map(({ shape }) => shape.join("x")));
  }
}`;
  const dev = new Dev({ "a.mjs": declared }, ["--mock"]);
  try {
    expect(await predict(await dev.url())).toEqual({ predictions: ["1x2"] });
  } finally {
    dev.close();
  }
  const wrong = new Dev({ "a.mjs": declared }, ["--predictor_hots", "x"]);
  try {
    await wrong.until(/--predictor_hots is not known here: did you mean --predictor_host\?/);
    expect(await once(wrong.child, "exit")).toEqual([2, null]);
  } finally {
    wrong.close();
  }
}, 60_000);

test("a file or folder that was taken away is waited for, and its return is a change", async () => {
  const dev = new Dev(FILES);
  try {
    const url = await dev.url();
    await dev.until(/metrics +http/);
    rmSync(join(dev.cwd, "lib/value.mjs"));
    await dev.until(/lib\/value\.mjs has changed: restarting[\s\S]*waiting for changes/);
    dev.write("lib/value.mjs", "export const value = 2;");
    await dev.until(/lib\/value\.mjs has changed: restarting[\s\S]*restarted in/);
    expect(await predict(url)).toEqual({ predictions: [2] });
    rmSync(join(dev.cwd, "lib"), { recursive: true });
    await dev.until(/has changed: restarting[\s\S]*waiting for changes/);
    dev.write("lib/value.mjs", "export const value = 3;");
    await dev.until(/has changed: restarting[\s\S]*restarted in/);
    expect(await predict(url)).toEqual({ predictions: [3] });
  } finally {
    dev.close();
  }
}, 60_000);

test("a second dev on the port of the first ends, says which flag helps, and leaves the first alone", async () => {
  const first = new Dev(FILES);
  try {
    const url = await first.url();
    const second = new Dev(FILES, ["--http_port", new URL(url).port]);
    try {
      await second.until(/port \d+ of 127\.0\.0\.1 is taken by another process; choose another with --http_port/);
      expect(await once(second.child, "exit")).toEqual([1, null]);
    } finally {
      second.close();
    }
    expect(await predict(url)).toEqual({ predictions: [1] });
  } finally {
    first.close();
  }
}, 60_000);

test("the banner of a transformer of completions names the chat route", async () => {
  const shop = `
import { Transformer } from "kserve-transformer";
export default class Shop extends Transformer {
  preprocessCompletion(body) {
    return body;
  }
}`;
  const dev = new Dev({ "a.mjs": shop }, ["--predictor_host", "127.0.0.1:9"]);
  try {
    const url = await dev.url();
    const [banner] = await dev.until(/[\s\S]*metrics +http/);
    expect(banner).toContain(`  chat        ${url}/openai/v1/chat/completions\n`);
    expect(banner).not.toContain(":predict");
  } finally {
    dev.close();
  }
}, 60_000);

test("--workers is refused: a restart is of one process", async () => {
  const dev = new Dev(FILES, ["--workers", "2"]);
  await dev.until(/--workers: dev serves with one process; `serve` takes it/);
  if (dev.child.exitCode === null) await once(dev.child, "exit");
  expect(dev.child.exitCode).toBe(2);
});
