/**
 * Builds the image and starts it as KServe's controller does: the image's entrypoint with nothing but --model_name,
 * --predictor_host and --http_port, once with a user's file and once with a shipped transformer.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { findContainerEngine } from "./container-engine.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const picture = fileURLToPath(new URL("../../examples/clothing/drawings/dress.jpg", import.meta.url));
const SETTINGS = { MODEL_LABELS: "dress,hat", MODEL_INPUT_SIZE: "8,8", KERAS_MODEL_NAME: "xception" };
const engine = findContainerEngine();
const predictor = await startPredictor();

try {
  engine.build("kserve-transformer", root);
  engine.build("kserve-transformer-probe", `${root}test/container/user`);
  engine.build("kserve-transformer-project", `${root}test/container/project`);
  engine.build("kserve-transformer-distroless", root, "distroless");

  await check("the image says how it is run", () => {
    const { Entrypoint, Cmd, User, WorkingDir } = engine.config("kserve-transformer");
    assert.deepEqual(Entrypoint, ["node", "/app/dist/src/cli/main.js", "serve"]);
    assert.ok(Cmd === undefined || Cmd === null || Cmd.length === 0, `a cluster would drop CMD ${Cmd}`);
    assert.match(User, /^[1-9]\d*$/, "Kubernetes' runAsNonRoot needs a number");
    assert.equal(WorkingDir, "/transformer");
  });

  await check("the image says what it is", () => {
    const { Labels } = engine.config("kserve-transformer");
    for (const name of ["title", "description", "licenses", "version", "revision", "created"]) {
      assert.ok(Labels[`org.opencontainers.image.${name}`], `no label ${name}`);
    }
  });

  await check("the image without a shell is no larger than 180 MB", () => {
    const bytes = engine.bytes("kserve-transformer-distroless");
    console.log(`  ${Math.round(bytes / 1e6)} MB`);
    assert.ok(bytes < 180e6);
  });

  await check("a project's dependencies are installed by one line, as the image's user", async () => {
    const container = await start("kserve-transformer-project", {});
    assert.deepEqual((await predict([{ text: "a" }])).predictions, ["from a dependency"]);
    await endWith(container, 0);
  });

  await check("the image is no larger than 300 MB", () => {
    const bytes = engine.bytes("kserve-transformer");
    console.log(`  ${Math.round(bytes / 1e6)} MB`);
    assert.ok(bytes < 300e6);
  });

  await check("a user's file, with the controller's arguments alone", async () => {
    const container = await start("kserve-transformer-probe", {});
    assert.match(container.line.msg, /: probe\.ts \(preprocess, postprocess\) as model clothes, predictor v1 /);
    const { predictions } = await predict([{ text: "a" }]);
    const confined = { user: 1000, writable: [], capabilities: 0, newPrivileges: false, megabytes: 256 };
    assert.deepEqual(predictions, [{ value: [0.75, 0.25], ...confined }]);
    await endWith(container, 0);
  });

  await check("a shipped transformer, named by the environment", async () => {
    const env = { TRANSFORMER: "image", ...SETTINGS, IMAGE_ALLOW: "127.0.0.1" };
    const container = await start("kserve-transformer", env);
    const { predictions } = await predict([{ url: `http://127.0.0.1:${predictor.port}/dress.jpg` }]);
    assert.deepEqual(predictions, [{ dress: 0.75, hat: 0.25 }]);
    await endWith(container, 0);
  });

  for (const image of ["kserve-transformer", "kserve-transformer-distroless"]) {
    await check(`a thousand pictures, sixteen at a time, on one CPU and 256 MiB: ${image}`, async () => {
      const container = await start(image, { TRANSFORMER: "image", ...SETTINGS, IMAGE_ALLOW: "127.0.0.1" });
      const url = `http://127.0.0.1:${predictor.port}/dress.jpg`;
      let left = 1000;
      const one = async () => {
        while (left-- > 0) assert.deepEqual((await predict([{ url }])).predictions, [{ dress: 0.75, hat: 0.25 }]);
      };
      await Promise.all(Array.from({ length: 16 }, one));
      await endWith(container, 0);
      console.log(`  ${container.output.stderr.trim()}`);
    });
  }

  await check("without a transformer it says what to do", async () => {
    const container = run("kserve-transformer", {});
    const [code] = await once(container.process, "exit");
    assert.equal(code, 2);
    assert.match(
      container.output.stderr,
      /no transformer: the working folder \(\/transformer\) has no \.ts, \.js or \.mjs file/,
    );
  });
} finally {
  predictor.server.close();
}

async function check(name, body) {
  try {
    await body();
    console.log(`✔ ${name}`);
  } catch (error) {
    console.log(`✘ ${name}`);
    console.error(error);
    process.exitCode = 1;
  }
}

/** A V1 predictor with one answer for every row, which serves the picture too. */
async function startPredictor() {
  const { readFileSync } = await import("node:fs");
  const server = createServer(async (request, response) => {
    if (request.method === "GET") {
      response.writeHead(200, { "content-type": "image/jpeg" }).end(readFileSync(picture));
      return;
    }
    const { instances } = JSON.parse(Buffer.concat(await request.toArray()).toString());
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ predictions: instances.map(() => [0.75, 0.25]) }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { server, port: server.address().port };
}

function run(image, env) {
  const argv = ["--model_name", "clothes", "--predictor_host", `127.0.0.1:${predictor.port}`, "--http_port", "8080"];
  const output = { stdout: "", stderr: "" };
  const process = engine.run(image, argv, env);
  for (const name of ["stdout", "stderr"])
    process[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
  return { process, output };
}

/** Starts a container and waits for its start-up line. */
async function start(image, env) {
  const container = run(image, env);
  const ended = once(container.process, "exit");
  for (;;) {
    const line = container.output.stdout.split("\n").find((text) => text.includes("ready at"));
    if (line !== undefined) return { ...container, ended, line: JSON.parse(line) };
    const [code] = (await Promise.race([ended, once(container.process.stdout, "data")])) ?? [];
    if (container.process.exitCode !== null) throw new Error(`ended with ${code}: ${container.output.stderr}`);
  }
}

async function predict(instances) {
  const response = await fetch("http://127.0.0.1:8080/v1/models/clothes:predict", {
    method: "POST",
    body: JSON.stringify({ instances }),
  });
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  return body;
}

/** SIGTERM, as a cluster sends it; the drain is 3 s by default. */
async function endWith(container, code) {
  const started = performance.now();
  container.process.kill("SIGTERM");
  assert.deepEqual(await container.ended, [code, null], container.output.stderr);
  assert.ok(performance.now() - started < 10_000, "ends within the grace period");
}
