import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildCommand } from "../cli/command-process.ts";

let source: string;
let files: readonly string[];

beforeAll(() => {
  source = join(buildCommand(), "../..");
  files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
}, 60_000);

test("what several entries export is the same in each of them", () => {
  const { exports } = JSON.parse(readFileSync(join(source, "../../package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, string>>;
  };
  const entries = Object.values(exports)
    .filter((path) => path.endsWith(".js"))
    .map((path) => pathToFileURL(join(source, "../..", path)).href);
  const script = `
    const values = new Map();
    const twice = new Set();
    for (const entry of ${JSON.stringify(entries)}) {
      for (const [name, value] of Object.entries(await import(entry))) {
        if (values.has(name)) twice.add(name);
        if (name !== "default" && (values.get(name) ?? value) !== value) throw new Error(entry + " has another " + name);
        values.set(name, value);
      }
    }
    console.log(JSON.stringify([...twice]));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(JSON.parse(output)).toEqual(expect.arrayContaining(["createTensor"]));
});

test("threads have their files where the modules that start them look", () => {
  expect(files).toEqual(
    expect.arrayContaining([
      "image/pipeline/place-task.js",
      "image/render-task.js",
      "predictor/embedded/onnx-thread.js",
      "server/process/probe-worker.js",
      "threads/run-task.js",
    ]),
  );
});

test("files are few, and name the modules that they are made of", () => {
  const texts = files.map((file) => readFileSync(join(source, file), "utf8"));
  const modules = texts.flatMap((text) => text.match(/(?<=^\/\/ ).*\.js$/gm) ?? []);
  expect(files.length).toBeLessThan(200);
  expect(new Set(modules).size).toBe(modules.length);
  expect(modules).toEqual(expect.arrayContaining(["cli/main.js", "errors.js", "server/http/data-plane.js"]));
});

test("no file has a character that would double the memory of its text", () => {
  expect(files.filter((file) => /[^\0-\x7f]/.test(readFileSync(join(source, file), "utf8")))).toEqual([]);
});
