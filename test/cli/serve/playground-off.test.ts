import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startServe } from "../command-process.ts";
import { cwd, DOUBLE, predict, QUICK, write } from "./served-folder.ts";

/** Writes down each file that Node loads. */
const RECORDER = `
import module from "node:module";
module.register("data:text/javascript," + encodeURIComponent(\`
import { appendFileSync } from "node:fs";
export function load(url, context, next) {
  appendFileSync("loaded.txt", url + "\\\\n");
  return next(url, context);
}\`));
`;

/** The modules of this package that it loads: a file of the build is several, each below a comment that names it. */
async function loadedBy(...flags: readonly string[]): Promise<readonly string[]> {
  write("double.ts", DOUBLE);
  write("recorder.mjs", RECORDER);
  const env = { NODE_OPTIONS: `--import ${join(cwd, "recorder.mjs")}` };
  const server = await startServe(["double.ts", ...QUICK, ...flags], { cwd, env });
  try {
    expect((await predict(server.url, [4])).body).toEqual({ predictions: [8] });
    const files = readFileSync(join(cwd, "loaded.txt"), "utf8").match(/^file:.*\/dist\/src\/.*$/gm) ?? [];
    return files.flatMap((file) => readFileSync(new URL(file), "utf8").match(/(?<=^\/\/ ).*\.js$/gm) ?? []);
  } finally {
    await server.end();
  }
}

test("nothing of the playground is loaded while it is off", async () => {
  const loaded = await loadedBy();
  expect(loaded).toContain("server/serve.js");
  expect(loaded.filter((module) => module.startsWith("playground/"))).toEqual([]);
});

test("it is loaded where it is asked for", async () => {
  expect(await loadedBy("--enable_playground")).toContain("playground/playground.js");
});
