#!/usr/bin/env node
/** `npm create kserve-transformer NAME` is `kserve-transformer init NAME`. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("dist/src/cli/main.js", import.meta.resolve("kserve-transformer/package.json")));
const { status } = spawnSync(process.execPath, [main, "init", ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = status ?? 1;
