import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildCommand, type FinishedCommand, parseLogs, runCommand, startServe } from "./command-process.ts";

/** A folder where nothing resolves, as in the image: outside of any node_modules, without a package.json. */
let cwd: string;

beforeAll(() => void buildCommand(), 60_000);
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "serve-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(cwd, name), text);

const DOUBLE = `
import { type InferRequest, type InferResponse, Transformer } from "kserve-transformer";

const FACTOR: number = 2;

export default class Double extends Transformer {
  postprocess(response: InferResponse): InferResponse {
    return response.withPredictions(response.predictions.map((value) => Number(value) * FACTOR));
  }
}
`;

async function predict(url: string, instances: unknown, model = "model"): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}/v1/models/${model}:predict`, {
    method: "POST",
    body: JSON.stringify({ instances }),
    headers: { "content-type": "application/json" },
  });
  return { status: response.status, body: await response.json() };
}

/** Serves, sends one request, ends: the response, and how the command ended. */
async function tryOut(
  argv: readonly string[],
  instances: unknown,
  env: Record<string, string> = {},
): Promise<FinishedCommand & { body: unknown }> {
  const server = await startServe(argv, { cwd, env: { ...env } });
  try {
    const { body } = await predict(server.url, instances);
    return { body, ...(await server.end()) };
  } finally {
    server.kill("SIGKILL");
  }
}

const QUICK = ["--drain_seconds", "0", "--predictor", "none"];

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
      "a.mjs: its factory gave a number; expected a Transformer",
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
      /^a\.ts cannot be imported: Error: Cannot find (module|package) 'no-such-package'/,
      1,
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

  test.each<[string[], Record<string, string>, RegExp]>([
    [
      ["clothes.ts"],
      {},
      /^no file "clothes\.ts" in \/.*, and no shipped transformer of that name \(there are: [a-z, ]+\)$/,
    ],
    [["nosuch"], {}, /^no file "nosuch" in /],
    [["notes.txt"], {}, /^notes\.txt: expected a \.ts, \.js or \.mjs file$/],
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
    mkdirSync(join(cwd, "empty"));
    const { code, stderr } = await runCommand(["serve", ...argv], { cwd, env });
    expect(stderr.trim().replace(/^kserve-transformer: /, "")).toMatch(message);
    expect(code).toBe(2);
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
      `kserve-transformer: port ${port} of 127.0.0.1 is taken by another process; choose another ` +
        "(in the predictor's pod a transformer needs a port of its own)\n",
    );
    expect(code).toBe(1);
  });
});

describe("what is said at the start", () => {
  test("unknown flags once and without their values, flags without effect, a port that the platform does not know", async () => {
    write("double.ts", DOUBLE);
    const argv = [
      "--gpu",
      "secret",
      "--gpu=secret",
      "--max_threads",
      "8",
      ...QUICK,
      "--predictor",
      "none",
      "--predictor_host",
      "h",
    ];
    const { stdout } = await tryOut(argv, [1], { PORT: "8012" });
    const warnings = parseLogs(stdout).filter(({ level }) => level === "warn");
    expect(warnings.map(({ msg }) => msg)).toEqual([
      "--gpu is not known here and is ignored",
      "--max_threads has no effect: hooks run on Node's event loop",
      "--predictor counts, --predictor_host does not",
      "the platform sends requests to port 8012 (environment variable PORT), but --http_port is 0",
    ]);
    expect(stdout).not.toContain("secret");
  });
});

describe("in front of a predictor", () => {
  let predictor: Server;
  const seen: string[] = [];
  beforeEach(async () => {
    predictor = createServer(async (request, response) => {
      seen.push(`${request.method} ${request.url}`);
      const { instances } = JSON.parse(Buffer.concat(await request.toArray()).toString());
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ predictions: instances }));
    });
    await once(predictor.listen(0, "127.0.0.1"), "listening");
  });
  afterEach(() => void predictor.close());

  test("with nothing but the arguments that the controller gives", async () => {
    write("double.ts", DOUBLE);
    const { port } = predictor.address() as AddressInfo;
    const argv = ["--model_name", "clothes", "--predictor_host", `127.0.0.1:${port}`];
    const server = await startServe([...argv, "--drain_seconds", "0"], { cwd });
    expect(await predict(server.url, [4], "clothes")).toEqual({ status: 200, body: { predictions: [8] } });
    const { stdout } = await server.end();
    expect(seen).toEqual(["POST /v1/models/clothes:predict"]);
    expect(stdout).toContain(`as model clothes, predictor v1 http://127.0.0.1:${port}`);
  });
});

describe("the end", () => {
  /** Answers a request only when it is asked for a second time. */
  const SLOW = `
import { Transformer } from "kserve-transformer";
let release;
export default class Slow extends Transformer {
  async preprocess(request, { log }) {
    if (request.instances[0] === "release") release();
    else { log.warn({}, "held"); await new Promise((resolve) => { release = resolve; }); }
    return request;
  }
}`;

  async function hold(drain: string) {
    write("slow.mjs", SLOW);
    const server = await startServe(["slow.mjs", "--drain_seconds", drain, "--predictor", "none"], { cwd });
    const held = predict(server.url, ["hold"]);
    while (!server.logs().some(({ msg }) => msg === "held")) await new Promise((resolve) => setTimeout(resolve, 10));
    return { server, held };
  }

  test("SIGTERM: not ready, still accepting, requests in flight are answered, exit code 0", async () => {
    const { server, held } = await hold("1");
    server.kill("SIGTERM");
    while ((await fetch(`${server.url}/v2/health/ready`)).status === 200)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await predict(server.url, ["release"])).status).toBe(200);
    expect(await held).toEqual({ status: 200, body: { predictions: ["hold"] } });
    expect((await server.ended).code).toBe(0);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("a second signal, %s, ends at once", async (signal, code) => {
    const { server, held } = await hold("60");
    const lost = expect(held).rejects.toThrow("fetch failed");
    server.kill("SIGTERM");
    while (!server.logs().some(({ msg }) => String(msg).startsWith("ending")))
      await new Promise((resolve) => setTimeout(resolve, 10));
    server.kill(signal);
    expect((await server.ended).code).toBe(code);
    await lost;
  });

  test("SIGINT, from a person, does not wait for a cluster", async () => {
    write("double.ts", DOUBLE);
    const server = await startServe(["--drain_seconds", "60"], { cwd });
    const { code, stdout } = await server.end("SIGINT");
    expect(code).toBe(0);
    expect(stdout).toContain("still accepting for 0 s");
  });

  test("what a transformer left open does not keep the process", async () => {
    write(
      "timer.mjs",
      `import { Transformer } from "kserve-transformer"; setInterval(() => {}, 1000); export default class A extends Transformer {}`,
    );
    expect((await tryOut(["timer.mjs", ...QUICK], [1])).code).toBe(0);
  });

  test("a signal while the model is still loading ends it", async () => {
    write(
      "endless.mjs",
      `import { Transformer } from "kserve-transformer";
       export default class A extends Transformer {
         load({ signal }) {
           process.kill(process.pid, "SIGTERM");
           return new Promise((resolve, reject) => signal.addEventListener("abort", () => reject(new Error("ended"))));
         }
       }`,
    );
    const { code } = await runCommand(["serve", "--http_port", "0", "--host", "127.0.0.1", ...QUICK], { cwd });
    expect(code).toBe(0);
  });
});

describe("mistakes in hooks", () => {
  test("a promise that a hook forgot is logged, and the next request is answered", async () => {
    write(
      "forgot.mjs",
      `import { Transformer } from "kserve-transformer";
       export default class A extends Transformer {
         preprocess(request) { Promise.reject(new Error("forgotten")); return request; }
       }`,
    );
    const server = await startServe(QUICK, { cwd });
    await predict(server.url, [1]);
    expect((await predict(server.url, [2])).body).toEqual({ predictions: [2] });
    const { code, stdout } = await server.end();
    expect(code).toBe(0);
    expect(parseLogs(stdout).find(({ level }) => level === "error")).toMatchObject({
      msg: "a promise was rejected and nobody handled it",
      error: { message: "forgotten" },
    });
  });

  test("an exception that nobody caught is logged and ends the server with exit code 1", async () => {
    write(
      "thrown.mjs",
      `import { Transformer } from "kserve-transformer";
       export default class A extends Transformer {
         preprocess(request) { setImmediate(() => { throw new Error("uncaught"); }); return request; }
       }`,
    );
    const server = await startServe(QUICK, { cwd });
    await predict(server.url, [1]);
    const { code, stdout } = await server.ended;
    expect(code).toBe(1);
    expect(stdout).toContain('"message":"uncaught"');
  });
});
