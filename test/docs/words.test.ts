import { readdirSync, readFileSync } from "node:fs";
import { SERVE_FLAGS } from "../../src/contract/flags.ts";
import { STATUS } from "../../src/errors.ts";

const root = new URL("../../", import.meta.url);

/** Each has one word that pages and help use instead: again or restart; fix. Code in backticks may keep its names. */
const BANNED = /\b(anew|mend|mends|mended)\b/i;

const pages = readdirSync(new URL("docs", root), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name}`);

const banned = (text: string) => text.split("\n").filter((line) => BANNED.test(line.replaceAll(/`[^`]*`/g, "")));

test.each([...pages, "README.md", "SECURITY.md", "CONTRIBUTING.md"])("%s uses one word a thing", (page) => {
  expect(banned(readFileSync(new URL(page, root), "utf8"))).toEqual([]);
});

test("descriptions of flags and errors do so too", () => {
  expect(banned(JSON.stringify([SERVE_FLAGS, STATUS], null, 1))).toEqual([]);
});

test.each(readdirSync(new URL("src/cli/commands", root)))("the help of %s does so too", async (file) => {
  const { command } = await import(new URL(`src/cli/commands/${file}`, root).href);
  const { summary, flags, examples } = command;
  expect(banned(JSON.stringify([summary, flags, examples], null, 1))).toEqual([]);
});
