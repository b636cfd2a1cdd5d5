import { readdirSync, readFileSync } from "node:fs";
import { SERVE_FLAGS } from "../../src/contract/flags.ts";
import { STATUS } from "../../src/errors.ts";
import { faultsOf } from "./words.ts";

const root = new URL("../../", import.meta.url);

/** Files below a folder of the repository, by the end of their names. */
const below = (folder: string, ending: string) =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending) && !name.includes("node_modules"))
    .map((name) => `${folder}/${name}`);

const pages = ["docs", "transformers", "templates", "examples", "packages", "deploy"].flatMap((folder) =>
  below(folder, ".md"),
);

test.each([
  ...pages,
  ...["README", "SECURITY", "CONTRIBUTING", "ARCHITECTURE", "CHANGELOG"].map((name) => `${name}.md`),
])("%s uses one word a thing, and turns no sentence round", (page) => {
  expect(faultsOf(readFileSync(new URL(page, root), "utf8"))).toEqual([]);
});

test("descriptions of flags and errors do so too", () => {
  expect([...Object.values(SERVE_FLAGS), STATUS].map((value) => JSON.stringify(value)).flatMap(faultsOf)).toEqual([]);
});

test.each(readdirSync(new URL("src/cli/commands", root)))("the help of %s does so too", async (file) => {
  const { command } = await import(new URL(`src/cli/commands/${file}`, root).href);
  const { summary, flags, examples } = command;
  expect(faultsOf(JSON.stringify([summary, flags, examples], null, 1))).toEqual([]);
});

test.each([
  ["Who cannot wait keeps one of each.", 1],
  ["It is a page.\nWho may do what\nis for a mesh.", 1],
  ["## Who sees what", 1],
  ["It is not read, nor is it kept.", 1],
  ["Only then does the server start.", 1],
  ["Only after a reload is the file read.", 1],
  ["So does the mesh.", 1],
  ["Secrets go to whoever owns it.", 1],
  ["The file is read anew.", 1],
  ["Who calls whom? The page says it.", 0],
  ["**Who fixes it?** The client.", 0],
  ["Only the image's name changes.", 0],
  ["Write `anew` to mend() it, or the customers who leave.", 1],
])("%j has %d faults", (text, count) => {
  expect(faultsOf(text)).toHaveLength(count);
});
