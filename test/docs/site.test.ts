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

test("the navigation has each page by its name", () => {
  const names = groups.flatMap(({ pages }) => pages.map(([title]) => title));
  expect(names).toEqual(
    expect.arrayContaining([
      "Install",
      "Your first transformer",
      "Hooks and context",
      "Rows and schemas",
      "Declaring inputs and outputs",
      "Testing",
      "Images",
      "Text",
      "Tabular",
      "Protocols (with grpc-v1)",
      "Serving and flags",
      "Errors",
      "Metrics and dashboards",
      "Tracing",
      "Authentication",
      "Dependencies in an image",
      "Deploying",
      "Guides",
    ]),
  );
});
