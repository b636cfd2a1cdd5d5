import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folderWithInstalledPackage, run } from "./packed.ts";

let cwd: string;
beforeAll(() => {
  cwd = folderWithInstalledPackage();
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** As in an image: the package in one folder, the user's packages beside the user's module. */
test("an optional package beside the user's module is found by a package that is installed elsewhere", () => {
  const project = join(cwd, "../", `project-of-${Date.now()}`);
  mkdirSync(project);
  try {
    writeFileSync(
      join(project, "a.mjs"),
      `import { Transformer } from "kserve-transformer";
       export default class A extends Transformer { predict(request) { return request.reply({ predictions: request.instances }); } }`,
    );
    run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "hyparquet", "hyparquet-writer"], project);
    const write = `import { parquetWriteBuffer } from "hyparquet-writer"; import { writeFileSync } from "node:fs";
      writeFileSync("in.parquet", Buffer.from(parquetWriteBuffer({ columnData: [{ name: "id", data: [7, 8], type: "INT32" }] })));`;
    run("node", ["--input-type=module", "--eval", write], project);
    const command = join(cwd, "node_modules/kserve-transformer/dist/src/cli/main.js");
    const files = ["--input", join(project, "in.parquet"), "--output", join(project, "out.jsonl")];
    // Not from the project's folder: where the module lies counts.
    const printed = run("node", [command, "batch", join(project, "a.mjs"), "--predictor", "none", ...files], cwd);
    expect(printed).toBe("2 rows, 0 failed\n");
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
});
