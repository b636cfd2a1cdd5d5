import { readFileSync } from "node:fs";
import { RUNNER_NAMES, RUNNERS } from "../../src/cli/init/project-choices.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const page = read("docs/testing.md");

/** A runner's part of the page: from its name at the beginning of a line to the next one's. */
function partOf(runner: (typeof RUNNER_NAMES)[number]): string {
  const begins = { node: "\nNode's own runner", jest: "\nJest needs", vitest: "\nVitest needs" };
  const from = page.indexOf(begins[runner]);
  const ends = [...Object.values(begins), "\n## "].map((begin) => page.indexOf(begin, from + 1));
  return page.slice(from, Math.min(...ends.filter((end) => end > from)));
}

describe.each(RUNNER_NAMES)(
  "the configuration of %s on the page, which `init` writes and test/package runs",
  (runner) => {
    const { script, devDependencies } = RUNNERS[runner];
    const part = partOf(runner);

    test("names the packages", () => {
      const named = /`npm install --save-dev ([^`]+)`/.exec(part)?.[1]?.split(" ") ?? [];
      expect(named.toSorted()).toEqual(Object.keys(devDependencies).toSorted());
    });

    test("has the script", () => {
      const shown =
        /^\{ "scripts": \{ "test": "(.+)" \} \}$/m.exec(part)?.[1] ?? /the script `([^`]+)`/.exec(part)?.[1];
      expect(shown).toBe(script);
    });
  },
);

test.each(["jest", "vitest"] as const)("the file of %s is the template's, comments aside", (runner) => {
  const shown = /^```js\n([\s\S]*?)^```$/m.exec(partOf(runner))?.[1];
  const file = read(`templates/${runner}/${runner}.config.js`);
  expect(shown).toBe(file.replaceAll(/^ *\/[/*].*\n/gm, ""));
});
