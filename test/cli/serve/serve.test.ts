import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { parseLogs, runCommand, startServe } from "../command-process.ts";
import { cwd, DOUBLE, predict, QUICK, tryOut, write } from "./served-folder.ts";

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
