import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folderWithInstalledPackage, run } from "./packed.ts";

/** Their declarations name an optional package, which whoever imports them has installed. */
const OF_PEERS = ["kserve-transformer/observability", "kserve-transformer/testing/jest-environment"];

let cwd: string;
beforeAll(() => {
  cwd = folderWithInstalledPackage();
  run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "typescript@5", "@types/node@20"], cwd);
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

test.each(["nodenext", "bundler"])("every entry is right for a strict user without types of ours: %s", (resolution) => {
  const { exports } = JSON.parse(readFileSync(join(cwd, "node_modules/kserve-transformer/package.json"), "utf8"));
  const entries = Object.keys(exports)
    .filter((entry) => !/\.json$|\*/.test(entry))
    .map((entry) => `kserve-transformer${entry.slice(1)}`)
    .filter((entry) => !OF_PEERS.includes(entry));
  const lines = entries.map((entry, index) => `export * as entry${index} from "${entry}";`);
  const use = `import { createServer } from "node:http";
    import { createApp, Transformer } from "kserve-transformer";
    createServer(createApp(class extends Transformer {}));`;
  writeFileSync(join(cwd, "user.ts"), [...lines, use].join("\n"));
  const module = resolution === "bundler" ? "esnext" : resolution;
  const flags = ["--noEmit", "--strict", "--skipLibCheck", "false", "--target", "es2022", "--module", module];
  expect(run("npx", ["tsc", ...flags, "--moduleResolution", resolution, "user.ts"], cwd)).toBe("");
});
