import { readdirSync, readFileSync } from "node:fs";

interface Group {
  readonly text: string;
  readonly pages: readonly (readonly [title: string, page: string])[];
}

const groups = JSON.parse(readFileSync(new URL("../../site/pages.json", import.meta.url), "utf8")) as Group[];
const listed = groups.flatMap(({ pages }) => pages.map(([, page]) => `${page}.md`));

test("the site's sidebar lists each page once", () => {
  const pages = readdirSync(new URL("../../docs", import.meta.url)).filter((name) => name.endsWith(".md"));
  expect(listed.toSorted()).toEqual([...pages, "guides/README.md"].toSorted());
});

test("the index of guides lists each guide", () => {
  const folder = new URL("../../docs/guides/", import.meta.url);
  const index = readFileSync(new URL("README.md", folder), "utf8");
  const guides = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");
  expect(guides.filter((name) => !index.includes(`](${name})`))).toEqual([]);
});
