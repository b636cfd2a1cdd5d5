/**
 * Lets Node 20 run the .ts files of a benchmark: `node --import ./bench/typescript.mjs bench/…/file.ts`. Types are stripped by
 * swc and nothing is lowered, so what is measured is what the build runs.
 */
import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { transform } from "@swc/core";

if (isMainThread) register(import.meta.url);

export async function load(url, context, nextLoad) {
  if (!url.startsWith("file:") || !url.endsWith(".ts")) return nextLoad(url, context);
  const { code } = await transform(await readFile(fileURLToPath(url), "utf8"), {
    jsc: { parser: { syntax: "typescript" }, target: "es2023" },
    module: { type: "es6" },
  });
  return { format: "module", source: code, shortCircuit: true };
}
