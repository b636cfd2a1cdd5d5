import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startServe } from "../command-process.ts";
import { cwd, write } from "./served-folder.ts";

/** Writes down each file that is imported, and at the end each that was required and what Node loaded of its own. */
const WATCHER = `
import { appendFileSync } from "node:fs";
import { createRequire, register } from "node:module";
const target = process.env.LOADED_FILES;
const hooks = \`
import { appendFileSync } from "node:fs";
export const load = (url, context, next) => {
  appendFileSync(\${JSON.stringify(target)}, url + "\\\\n");
  return next(url, context);
};\`;
register("data:text/javascript," + encodeURIComponent(hooks));
const { cache } = createRequire(import.meta.url);
process.on("exit", () => appendFileSync(target, [...Object.keys(cache), ...process.moduleLoadList].map((file) => file + "\\n").join("")));
`;

const TRANSFORMER = `
import { Transformer, type InferRequest, type RequestContext } from "kserve-transformer";
import { imageInstance, imageTensor, loadImages } from "kserve-transformer/image";
import { labelScores } from "kserve-transformer/labels";
export default class extends Transformer {
  override async preprocess(request: InferRequest, context: RequestContext) {
    const images = await loadImages(request.rows(imageInstance), context);
    return request.withInputs([await imageTensor("image", images, { size: [2, 2], scaling: "tf" })]);
  }
}
`;

/** All that a service of pictures has loaded when it is ready. */
async function loadedFiles(): Promise<readonly string[]> {
  const loaded = join(cwd, "loaded.txt");
  const watcher = join(cwd, "watcher.mjs");
  write("service.ts", TRANSFORMER);
  write("watcher.mjs", WATCHER);
  const env = { LOADED_FILES: loaded, NODE_OPTIONS: `--import=${pathToFileURL(watcher).href}` };
  const server = await startServe(["service.ts", "--predictor_host", "127.0.0.1:9", "--drain_seconds", "0"], {
    cwd,
    env,
  });
  await server.end();
  return [...new Set(readFileSync(loaded, "utf8").split("\n"))];
}

/** How many files of each package. */
function countFiles(files: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const file of files) {
    const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
    if (name !== undefined) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

test("a service is ready before it has loaded what no request has asked for yet", async () => {
  const loaded = await loadedFiles();
  const { pino, jiti, ...others } = countFiles(loaded);
  expect(pino).toBeGreaterThan(0);
  // Node 24 strips types itself.
  expect(jiti !== undefined).toBe(!(process.features as { typescript?: unknown }).typescript);
  expect(Object.keys(others).sort()).toEqual([
    "@pinojs/redact",
    "atomic-sleep",
    "on-exit-leak-free",
    "pino-std-serializers",
    "prom-client",
    "quick-format-unescaped",
    "safe-stable-stringify",
    "sonic-boom",
    "thread-stream",
  ]);
  // An import of node:http, in place of a require, would load both on Node 24.
  expect(loaded).toContain("NativeModule _http_server");
  expect(loaded.filter((name) => name === "NativeModule http2" || name.includes("deps/undici"))).toEqual([]);
}, 60_000);
