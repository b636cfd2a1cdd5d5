import { readFileSync } from "node:fs";

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));

test("create-kserve-transformer has the version of the package that it makes projects for", () => {
  const { version } = read("package.json");
  const create = read("packages/create-kserve-transformer/package.json");
  expect([create.version, create.dependencies["kserve-transformer"]]).toEqual([version, `^${version}`]);
});
