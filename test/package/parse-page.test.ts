import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parsePage } from "./parse-page.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, "utf8");

test("commands, files and outputs are read in the page's order", () => {
  const page = [
    ...["Install it:", "", "```bash", "npm install", "npm test", "```", "", "```text", "pass 3", "```", ""],
    ...["Write this into `a.ts`:", "", "```ts", "1;", "```", "", "```bash", "npm run dev", "```", ""],
    ...["It serves.", "", "In another terminal:", "", "```bash", "curl x", "```", "", "```json", "{}", "```", ""],
  ].join("\n");
  expect(parsePage(page)).toEqual([
    {
      kind: "run",
      commands: ["npm install", "npm test"],
      stays: false,
      shown: [{ language: "text", text: "pass 3\n" }],
    },
    { kind: "write", file: "a.ts", text: "1;\n" },
    { kind: "run", commands: ["npm run dev"], stays: true, shown: [] },
    { kind: "run", commands: ["curl x"], stays: false, shown: [{ language: "json", text: "{}\n" }] },
  ]);
});

test("a block that nobody can follow is refused", () => {
  expect(() => parsePage("Look:\n\n```ts\n1;\n```\n")).toThrow("nobody can follow this block");
});

test("the first hour goes from install over init, edit, test and dev to curl, with the package as it is packed", () => {
  const steps = parsePage(read("docs/first-transformer.md"));
  const words = steps.flatMap((step) => (step.kind === "run" ? step.commands : [`edit ${step.file}`]));
  const { version } = JSON.parse(read("package.json")) as { version: string };
  const order = [`npm install ./kserve-transformer-${version}.tgz`, "npx kserve-transformer init flowers"];
  order.push("edit transformer.ts", "edit transformer.test.ts", "npm run dev");
  const places = order.map((word) => words.indexOf(word));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(words.findIndex((word) => word.startsWith("curl "))).toBeGreaterThan(words.indexOf("npm run dev"));
  expect(steps.filter((step) => step.kind === "run" && step.stays)).toHaveLength(1);
});
