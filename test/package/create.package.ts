import { spawnSync } from "node:child_process";
import { copyFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { folderWithPackage, run } from "./packed.ts";

const INSTALL = ["install", "--no-audit", "--no-fund", "--ignore-scripts"];
let cwd: string;

beforeAll(() => {
  const { folder, tarball } = folderWithPackage();
  cwd = folder;
  const create = process.env["PACKED_CREATE"] ?? "";
  copyFileSync(create, join(cwd, basename(create)));
  run("npm", [...INSTALL, `./${tarball}`, `./${basename(create)}`], cwd);
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

describe.each([
  ["node", /pass 3$/m],
  ["jest", /Tests: +3 passed/],
  ["vitest", /Tests +3 passed/],
])("npm create kserve-transformer, tests by %s", (runner, passed) => {
  const name = `by-${runner}`;

  test("makes a project whose tests pass", () => {
    run("npm", ["create", "kserve-transformer", name, "--", "--tests", runner], cwd);
    run("npm", [...INSTALL], join(cwd, name));
    expect(npmTest(name)).toMatch(passed);
  });
});

/** What `npm test` prints, whether it passes or not. */
function npmTest(name: string): string {
  const { CI: _ci, NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const options = { cwd: join(cwd, name), env: { ...env, NO_COLOR: "1", FORCE_COLOR: "0" }, encoding: "utf8" } as const;
  const { stdout, stderr } = spawnSync("npm", ["test"], options);
  return `${stdout}${stderr}`;
}
