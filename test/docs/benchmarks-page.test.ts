import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);

test("docs/benchmarks.md shows the results that the last run wrote, and no other", () => {
  const script = `
    const { renderResults } = await import("./bench/compare/render-page.mjs");
    const { readFileSync } = await import("node:fs");
    process.stdout.write(renderResults(JSON.parse(readFileSync("bench/compare/results.json", "utf8"))));
  `;
  const rendered = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: fileURLToPath(root),
    encoding: "utf8",
  });
  const page = readFileSync(new URL("docs/benchmarks.md", root), "utf8");
  const [, shown] = /<!-- results -->\n([\s\S]*)<!-- end of results -->/.exec(page) ?? [];
  expect(shown?.trim()).toBe(rendered.trim());
});
