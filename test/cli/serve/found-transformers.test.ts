import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parseLogs, runCommand } from "../command-process.ts";
import { cwd, DOUBLE, QUICK, tryOut, write } from "./served-folder.ts";

const NODE_20 = process.version.startsWith("v20.");

describe("what can be served", () => {
  test("a .ts file in a folder where nothing resolves, hooks alone", async () => {
    write("double.ts", DOUBLE);
    const { body, code, stdout, stderr } = await tryOut(["double.ts", ...QUICK], [1, 2.5]);
    expect(body).toEqual({ predictions: [2, 5] });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [start] = parseLogs(stdout);
    expect(start).toMatchObject({
      level: "info",
      msg: expect.stringMatching(
        /^ready at http:\/\/127\.0\.0\.1:\d+: double\.ts \(postprocess\) as model model, predictor none$/,
      ),
    });
  });

  test("an instance in a .mjs file that imports a sub-path", async () => {
    write(
      "double.mjs",
      `import { Transformer } from "kserve-transformer";
       import { createTensor } from "kserve-transformer/tensor";
       class Double extends Transformer {
         preprocess(request) { return request.reply({ outputs: [createTensor("x", "INT32", [1], Int32Array.of(7))] }); }
       }
       export default new Double();`,
    );
    expect((await tryOut(["double.mjs", ...QUICK], [1])).body).toEqual({ predictions: [7] });
  });

  test("a factory in a .js file, which gets the environment", async () => {
    write(
      "scale.js",
      `import { Transformer } from "kserve-transformer";
       export default async ({ env }) => new (class extends Transformer {
         postprocess(response) { return response.withPredictions(response.predictions.map((x) => x * Number(env.FACTOR))); }
       })();`,
    );
    expect((await tryOut(["scale.js", ...QUICK], [3], { FACTOR: "5" })).body).toEqual({ predictions: [15] });
  });

  test("TypeScript that Node's type stripping refuses: an enum, an import without extension, a type imported as a value", async () => {
    write("factors.ts", "export const factors: Record<string, number> = { Two: 2 };");
    write(
      "double.ts",
      `import { RequestContext, InferResponse, Transformer } from "kserve-transformer";
       import { factors } from "./factors";
       enum Factor { Two = "Two" }
       export default class Double extends Transformer {
         constructor(private readonly factor = factors[Factor.Two]) { super(); }
         postprocess(response: InferResponse, _context: RequestContext) {
           const predictions = response.predictions.map((value) => Number(value) * this.factor);
           return response.withPredictions([...predictions, response instanceof InferResponse]);
         }
       }`,
    );
    // The last says that the module got the copy of the package that serves it, not one of its own.
    expect((await tryOut(["double.ts", ...QUICK], [4])).body).toEqual({ predictions: [8, true] });
  });

  test("TypeScript in a project that says it is CommonJS, as npm init does", async () => {
    write("package.json", '{"type":"commonjs"}');
    write("double.ts", DOUBLE);
    expect((await tryOut(["double.ts", ...QUICK], [3])).body).toEqual({ predictions: [6] });
  });

  test("a .ts file that requires the package gets the copy that serves it, or is told what to write where Node gives no ES module to require", async () => {
    write(
      "double.ts",
      `const { InferResponse, Transformer } = require("kserve-transformer");
       module.exports = class Double extends Transformer {
         postprocess(response) { return response.withPredictions([response instanceof InferResponse]); }
       }`,
    );
    if (!NODE_20) {
      expect((await tryOut(["double.ts", ...QUICK], [3])).body).toEqual({ predictions: [true] });
      return;
    }
    const argv = ["serve", "double.ts", "--http_port", "0", "--host", "127.0.0.1", ...QUICK];
    const { code, stderr } = await runCommand(argv, { cwd });
    expect(stderr.trim()).toMatch(
      /: write import \{ … \} from "kserve-transformer", which is an ES module, and no require$/,
    );
    expect(code).toBe(1);
  });

  test("the one module of the working folder, with tests and declarations beside it", async () => {
    write("double.ts", DOUBLE);
    write("double.test.ts", "throw new Error('not me')");
    write("double.d.ts", "throw new Error('not me')");
    write("jest.config.js", "throw new Error('not me')");
    expect((await tryOut(QUICK, [1])).body).toEqual({ predictions: [2] });
  });

  test("what the environment variable TRANSFORMER names, over the module of the working folder", async () => {
    write("other.mjs", "throw new Error('not me')");
    mkdirSync(join(cwd, "inner"));
    write("inner/double.ts", DOUBLE);
    expect((await tryOut(QUICK, [1], { TRANSFORMER: "inner/double.ts" })).body).toEqual({ predictions: [2] });
  });
});

describe("what cannot be served is told in plain words", () => {
  const expected =
    "expected a class that extends Transformer, an instance of one, or a function ({ env }) => transformer";
  const good = `import { Transformer } from "kserve-transformer";\n`;

  test.each<[string, string, string, string | RegExp, number]>([
    ["exports nothing", "a.mjs", "const a = 1;", `a.mjs has no default export (it exports nothing); ${expected}`, 2],
    [
      "names its export",
      "a.ts",
      `${good}export class A extends Transformer {}`,
      `a.ts has no default export (it exports A); ${expected}`,
      2,
    ],
    [
      "exports an object",
      "a.mjs",
      "export default { preprocess() {}, postprocess() {} };",
      `the default export of a.mjs is an object with preprocess, postprocess; ${expected}`,
      2,
    ],
    [
      "exports another class",
      "a.ts",
      "export default class Mine { preprocess() {} }",
      `the default export of a.ts is the class Mine, which does not extend Transformer; ${expected}`,
      2,
    ],
    [
      "makes something else",
      "a.mjs",
      "export default () => 5;",
      /^a\.mjs: its factory gave a number; expected a Transformer: a function that takes requests is a hook, so write class NAME extends Transformer/,
      2,
    ],
    [
      "throws while it is imported",
      "a.ts",
      `interface A { a: number }\n\nconst a: A | undefined = undefined;\nconsole.error;\nthrow new TypeError("no luck");`,
      "a.ts cannot be imported: TypeError: no luck (a.ts:5:7)",
      1,
    ],
    ["throws something odd", "a.mjs", "throw 5;", "a.mjs cannot be imported: 5", 1],
    [
      "has a wrong syntax",
      "a.ts",
      "const a = 1;\nconst = 2;\n",
      /^a\.ts cannot be imported: SyntaxError: .* \(a\.ts:2(:\d+)?\)$/,
      1,
    ],
    [
      "has a wrong syntax",
      "a.mjs",
      "const a = 1;\nconst = 2;\n",
      /^a\.mjs cannot be imported: SyntaxError: .* \(a\.mjs:2(:\d+)?\)$/,
      1,
    ],
    [
      "imports what is not there",
      "a.ts",
      `import x from "no-such-package";\nexport default x;`,
      /^a\.ts cannot be imported: Error: Cannot find (module|package) 'no-such-package'.*: npm install no-such-package$/,
      1,
    ],
    [
      "imports an entry that is not there",
      "a.ts",
      `import { x } from "kserve-transformer/picture";\nexport default x;`,
      /: there is no kserve-transformer\/picture; there are kserve-transformer, .*kserve-transformer\/image,/,
      1,
    ],
    [
      "misspells what it extends",
      "a.ts",
      `import { type InferRequest, Transfomer } from "kserve-transformer";\nexport default class A extends Transfomer {}`,
      /: "kserve-transformer" exports no Transfomer: did you mean Transformer\?$/,
      1,
    ],
    [
      "imports a misspelt file",
      "a.ts",
      `import { x } from "./al.ts";\nexport default x;`,
      /^a\.ts cannot be imported: Error: Cannot find module '.*al\.ts'.*: did you mean "\.\/a\.ts"\?$/,
      1,
    ],
    [
      "exports a function of rows",
      "a.ts",
      "export default function double(rows: number[]) { return rows.map((row) => row * 2); }",
      /^a\.ts failed to make its transformer: TypeError: rows\.map is not a function \(a\.ts:1(:\d+)?\); the function double was called with { env }: a function that takes requests is a hook/,
      1,
    ],
    [
      "exports a factory that fails",
      "a.ts",
      "export default ({ env }: { env: Record<string, string> }) => env.NOTHING.trim();",
      /^a\.ts failed to make its transformer: TypeError: [^:]* \(a\.ts:1(:\d+)?\)$/,
      1,
    ],
    [
      "exports an instance of another class",
      "a.mjs",
      "class Mine {}\nexport default new Mine();",
      `the default export of a.mjs is an instance of Mine, which does not extend Transformer; ${expected}`,
      2,
    ],
    [
      "throws in its constructor",
      "a.mjs",
      `${good}export default class A extends Transformer {\n  constructor() {\n    super();\n    throw new Error("no labels");\n  }\n}`,
      "a.mjs failed to make its transformer: Error: no labels (a.mjs:5:11)",
      1,
    ],
    [
      "throws in its load",
      "a.mjs",
      `${good}export default class A extends Transformer {\n  load() {\n    throw new Error("no model");\n  }\n}`,
      "a.mjs failed to load: Error: no model (a.mjs:4:11)",
      1,
    ],
  ])("a module that %s (%s)", async (_what, file, text, message, code) => {
    write(file, text);
    const finished = await runCommand(["serve", file, "--http_port", "0", "--host", "127.0.0.1", ...QUICK], { cwd });
    const said = finished.stderr.trim().replace(/^kserve-transformer: /, "");
    if (typeof message === "string") expect(said).toBe(message);
    else expect(said).toMatch(message);
    expect(finished.code).toBe(code);
  });

  test("the stack of what was thrown is shown at log level debug only", async () => {
    write("a.mjs", "throw new Error('no luck')");
    const plain = await runCommand(["serve", "a.mjs"], { cwd });
    const debug = await runCommand(["serve", "a.mjs", "--log_level", "debug"], { cwd });
    expect(plain.stderr.trim().split("\n")).toHaveLength(1);
    expect(debug.stderr).toMatch(/Error: no luck\n +at file:\/\/.*a\.mjs:1:7/);
  });

  test("a port that is taken", async () => {
    write("double.ts", DOUBLE);
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await runCommand(["serve", "--host", "127.0.0.1", "--http_port", String(port)], { cwd });
    other.close();
    expect(stderr).toBe(
      `kserve-transformer: port ${port} of 127.0.0.1 is taken by another process; choose another with --http_port ` +
        "(in the predictor's pod a transformer needs a port of its own)\n",
    );
    expect(code).toBe(1);
  });
});
