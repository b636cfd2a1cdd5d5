import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startServe } from "../command-process.ts";
import { cwd, DOUBLE, predict, QUICK, write } from "./served-folder.ts";

/** Writes down each module that Node loads. */
const RECORDER = `
import module from "node:module";
module.register("data:text/javascript," + encodeURIComponent(\`
import { appendFileSync } from "node:fs";
export function load(url, context, next) {
  appendFileSync("loaded.txt", url + "\\\\n");
  return next(url, context);
}\`));
`;

async function loadedBy(...flags: readonly string[]): Promise<string> {
  write("double.ts", DOUBLE);
  write("recorder.mjs", RECORDER);
  const env = { NODE_OPTIONS: `--import ${join(cwd, "recorder.mjs")}` };
  const server = await startServe(["double.ts", ...QUICK, ...flags], { cwd, env });
  try {
    expect((await predict(server.url, [4])).body).toEqual({ predictions: [8] });
    return readFileSync(join(cwd, "loaded.txt"), "utf8");
  } finally {
    await server.end();
  }
}

test("nothing of the playground is loaded while it is off", async () => {
  const loaded = await loadedBy();
  expect(loaded).toContain("/src/server/serve.js");
  expect(loaded).not.toContain("/src/playground/");
});

test("it is loaded where it is asked for", async () => {
  expect(await loadedBy("--enable_playground")).toContain("/src/playground/playground.js");
});
