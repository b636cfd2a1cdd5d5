import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildCommand, type RunningCommand, runCommand, startServe } from "../command-process.ts";

let cwd: string;
let server: RunningCommand | undefined;

beforeAll(() => void buildCommand(), 60_000);
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "reload-"));
  writeFileSync(
    join(cwd, "greeter.mjs"),
    `import { readFileSync } from "node:fs";
     import { Transformer } from "kserve-transformer";
     export default class Greeter extends Transformer {
       load() { this.word = JSON.parse(readFileSync("config/settings.json", "utf8")).word; }
       predict(request) { return request.reply({ predictions: [this.word] }); }
     }`,
  );
  mount("v1", '{"word":"hello"}');
});
afterEach(async () => {
  await server?.end("SIGKILL");
  server = undefined;
  rmSync(cwd, { recursive: true });
});

/** As the kubelet does with a ConfigMap: files are links through ..data, which is moved as a whole. */
function mount(version: string, text: string): void {
  const folder = join(cwd, "config");
  mkdirSync(join(folder, `..${version}`), { recursive: true });
  writeFileSync(join(folder, `..${version}`, "settings.json"), text);
  symlinkSync(`..${version}`, join(folder, "..new"));
  renameSync(join(folder, "..new"), join(folder, "..data"));
  if (version === "v1") symlinkSync("..data/settings.json", join(folder, "settings.json"));
}

async function ask(): Promise<{ readonly status: number; readonly word: unknown }> {
  const response = await fetch(`${server?.url}/v1/models/model:predict`, { method: "POST", body: '{"instances":[1]}' });
  const { predictions } = (await response.json()) as { predictions?: unknown[] };
  return { status: response.status, word: predictions?.[0] };
}

const said = (part: string): boolean => server?.logs().some(({ msg }) => String(msg).includes(part)) === true;

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; !(await condition()); tries++) {
    if (tries > 400) throw new Error("never");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

test("a ConfigMap that is swapped is read by a new transformer, no request is lost, a broken one changes nothing", async () => {
  server = await startServe(["greeter.mjs", "--reload_on_change", "config"], { cwd });
  expect(await ask()).toEqual({ status: 200, word: "hello" });
  const statuses = new Set<number>();
  let done = false;
  const client = (async () => {
    while (!done) statuses.add((await ask()).status);
  })();
  mount("v2", '{"word":"servus"}');
  await until(async () => (await ask()).word === "servus");
  mount("v3", "{broken");
  await until(() => said("the old one serves on"));
  expect(await ask()).toEqual({ status: 200, word: "servus" });
  mount("v4", '{"word":"ciao"}');
  await until(async () => (await ask()).word === "ciao");
  done = true;
  await client;
  expect([...statuses]).toEqual([200]);
});

test("a warm-up file is read line by line, and one that is no JSON is refused with its line", async () => {
  writeFileSync(join(cwd, "warm.jsonl"), '{"instances":[1]}\n\n{"instances":[2]}\n');
  server = await startServe(["greeter.mjs", "--warmup_file", "warm.jsonl"], { cwd });
  expect(server.logs()).toContainEqual(expect.objectContaining({ msg: "model 'model' is warm", requests: 2 }));
  writeFileSync(join(cwd, "bad.jsonl"), '{"instances":[1]}\n{oops\n');
  const { code, stderr } = await runCommand(["serve", "greeter.mjs", "--warmup_file", "bad.jsonl"], { cwd });
  expect([code, stderr]).toEqual([2, expect.stringContaining("bad.jsonl:2 is no JSON")]);
});

test("loads by requests need credentials and one process", async () => {
  const control = ["serve", "greeter.mjs", "--model_control"];
  const open = await runCommand(control, { cwd });
  expect([open.code, open.stderr]).toEqual([2, expect.stringContaining("--api_keys_file or --jwks_url")]);
  writeFileSync(join(cwd, "keys"), "k\n");
  const many = await runCommand([...control, "--api_keys_file", "keys", "--workers", "2"], { cwd });
  expect([many.code, many.stderr]).toEqual([2, expect.stringContaining("no --workers")]);
});
