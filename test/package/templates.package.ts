import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { folderWithInstalledPackage, run } from "./packed.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let cwd: string;

beforeAll(() => {
  cwd = folderWithInstalledPackage();
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

describe.each([
  ["blank", { predictions: [{ score: 6 }, { score: 1 }] }],
  [
    "image",
    {
      predictions: [
        { dark: expect.closeTo(0.99, 1), bright: expect.any(Number) },
        { dark: expect.any(Number), bright: expect.closeTo(0.99, 1) },
      ],
    },
  ],
  [
    "tabular",
    {
      predictions: [
        { churn_probability: expect.any(Number), churn: true },
        { churn_probability: expect.any(Number), churn: false },
      ],
    },
  ],
])("the packed package in an empty folder, template %s", (template, expected) => {
  const name = `shop-${template}`;

  test("init, test, serve and curl are four commands", async () => {
    run("npx", ["kserve-transformer", "init", name, "--template", template], cwd);
    const folder = join(cwd, name);
    expect(run("npm", ["test"], folder)).toMatch(/pass 3$/m);
    const server = spawn("npm", ["start", "--", "--host", "127.0.0.1", "--http_port", "0"], {
      cwd: folder,
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const url = `${await readyUrl(server)}/v1/models/${name}:predict`;
      const json = "content-type: application/json";
      const answer = run("curl", ["-sS", "--fail-with-body", url, "-H", json, "-d", "@request.json"], folder);
      expect(JSON.parse(answer)).toEqual(expected);
    } finally {
      process.kill(-(server.pid ?? 0), "SIGTERM");
      await once(server, "close");
    }
  });

  test("its TypeScript agrees with the package's types", () => {
    const types = join(cwd, "node_modules/@types");
    mkdirSync(types, { recursive: true });
    if (!readdirSync(types).includes("node")) symlinkSync(join(root, "node_modules/@types/node"), join(types, "node"));
    run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "."], join(cwd, name));
  });

  test("its InferenceService passes check by the package's command", () => {
    expect(run("npm", ["run", "check"], join(cwd, name))).toContain("1 InferenceService, 0 errors, 0 warnings");
  });
});

async function readyUrl(server: ChildProcess): Promise<string> {
  if (server.stdout === null) throw new Error("no output");
  for await (const line of createInterface({ input: server.stdout })) {
    const url = /ready at (http:\/\/[^ ]+):/.exec(line)?.[1];
    if (url !== undefined) {
      server.stdout.resume();
      return url;
    }
  }
  throw new Error("the server ended before it was ready");
}
