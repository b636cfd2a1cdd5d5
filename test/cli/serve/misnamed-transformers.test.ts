import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../command-process.ts";
import { cwd, write } from "./served-folder.ts";

test.each<[string[], Record<string, string>, RegExp]>([
  [
    ["clothes.ts"],
    {},
    /^no file "clothes\.ts" in \/.*, and no shipped transformer of that name \(there are: [a-z, ]+\)$/,
  ],
  [["nosuch"], {}, /^no file "nosuch" in /],
  [["amjs"], {}, /^no file "amjs" in .*: did you mean a\.mjs\?$/],
  [["b"], {}, /^no file "b" in .*: did you mean b\.ts\?$/],
  [["empty/../amjs"], {}, /: did you mean a\.mjs\?$/],
  [["imagee"], {}, /^no file "imagee" in .*: did you mean image\?$/],
  [["b.test.ts"], {}, /^b\.test\.ts: expected a transformer's file, got a test: did you mean b\.ts\?$/],
  [["tests"], {}, /^no transformer: tests \(.*\) has no \.ts, \.js or \.mjs file beside its tests and /],
  [["notes.txt"], {}, /^notes\.txt: expected a \.ts, \.js or \.mjs file$/],
  [["model.py"], {}, /^model\.py: expected a \.ts, \.js or \.mjs file; a transformer written in Python is served by /],
  [["m.onnx"], {}, /^m\.onnx: expected .*: serve FILE\.ts --predictor onnx:m\.onnx$/],
  [["a.mjs", "b.ts"], {}, /^expected one transformer, got a\.mjs, b\.ts$/],
  [[], {}, /^which transformer\? the working folder \(.*\) has a\.mjs, b\.ts; name one .* TRANSFORMER$/],
  [
    [],
    { TRANSFORMER: "empty" },
    /^no transformer: empty \(.*\) has no \.ts, \.js or \.mjs file and is no model.s folder; /,
  ],
  [["a.mjs", "--http_port", "x"], {}, /^--http_port expects a whole number from 0 to 65535, got "x"$/],
  [["a.mjs"], { PREDICTOR_PORT: "x" }, /^environment variable PREDICTOR_PORT expects a whole number/],
])("%j with %j", async (argv, env, message) => {
  write("notes.txt", "");
  write("a.mjs", "");
  write("b.ts", "");
  write("model.py", "");
  write("m.onnx", "");
  mkdirSync(join(cwd, "empty"));
  mkdirSync(join(cwd, "tests"));
  for (const file of ["b.test.ts", "tests/b.test.ts"]) write(file, "throw new Error('not me')");
  const { code, stderr } = await runCommand(["serve", ...argv], { cwd, env });
  expect(stderr.trim().replace(/^kserve-transformer: /, "")).toMatch(message);
  expect(code).toBe(2);
});

test("a shipped transformer that lacks its settings names them alone", async () => {
  const { stderr } = await runCommand(["serve", "tabular"], { cwd });
  expect(stderr).toMatch(
    /^kserve-transformer: tabular failed to make its transformer: [^(]* it names the JSON file [^(]*$/,
  );
});
