import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readExamples } from "../../src/playground/examples.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "examples-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text = "{}") => writeFileSync(join(folder, name), text);

test("files of a folder come by name, then the files that are named; what is no example or is not there is left out", () => {
  mkdirSync(join(folder, "examples"));
  mkdirSync(join(folder, "examples/folder.json"));
  for (const name of ["b.txt", "a.PNG", "c.json", "notes.md"]) write(`examples/${name}`, "text");
  write("request.json", '{"instances": []}');
  const paths = ["examples", "request.json", "gone.json", "gone"].map((name) => join(folder, name));
  const examples = readExamples(paths);
  expect(examples.map(({ name, kind, file }) => [name, kind, file])).toEqual([
    ["a", "picture", "a.PNG"],
    ["b", "text", "b.txt"],
    ["c", "json", "c.json"],
    ["request", "json", "request.json"],
  ]);
  expect(Buffer.from(examples[3]?.read() ?? []).toString()).toBe('{"instances": []}');
});

test("a link to a file that is gone does not keep the server from starting", () => {
  symlinkSync(join(folder, "gone.json"), join(folder, "a.json"));
  write("b.json");
  expect(readExamples([folder]).map(({ file }) => file)).toEqual(["b.json"]);
});

test("a folder of many files gives the first 60", () => {
  for (let i = 0; i < 70; i++) write(`${String(i).padStart(3, "0")}.json`);
  expect(readExamples([folder]).at(-1)?.file).toBe("059.json");
});
