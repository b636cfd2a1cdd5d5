/**
 * The main job, end to end: starts the transformer with the embedded model, sends it the drawings' URLs over HTTP, prints
 * each picture's probabilities and the time of each stage, and checks that every top label is the right one.
 * With --serve it stays and prints a curl line to try.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
/** Aborted by whatever ends the demo: the server that it started ends with it. */
const ended = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => ended.abort());
// npm runs it in a shell, which takes npm's signal for itself: only its end tells.
const parent = process.ppid;
setInterval(() => process.ppid === parent || ended.abort(), 500).unref();
const stay = process.argv.includes("--serve");

const pictures = await servePictures();
const transformer = await startTransformer();
try {
  const names = readdirSync(`${here}drawings`).filter((name) => name.endsWith(".jpg"));
  let wrong = 0;
  for (const name of names.sort()) if (!(await classify(name))) wrong += 1;
  console.log(`\n${names.length - wrong} of ${names.length} drawings right`);
  if (wrong > 0) process.exitCode = 1;
  if (stay) {
    console.log(`\nSee what the model sees: ${transformer.url}/playground/\n\nOr send a request yourself:\n`);
    console.log(`curl ${transformer.url}/v1/models/clothing:predict -H 'content-type: application/json' \\`);
    console.log(`  -d '{"instances": [{"url": "${pictures.url}/pants.jpg"}]}'\n\nCtrl-C ends it.`);
    if (!ended.signal.aborted) await once(ended.signal, "abort");
  }
} finally {
  transformer.process.kill("SIGTERM");
  await transformer.exited;
  pictures.server.close();
}

/** One request for one picture; true when the top label is the picture's name. */
async function classify(name) {
  const expected = name.replace(".jpg", "");
  const response = await fetch(`${transformer.url}/v1/models/clothing:predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ instances: [{ url: `${pictures.url}/${name}` }] }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${name}: status ${response.status}: ${answer.error}`);
  const scores = Object.entries(answer.predictions[0]).sort(([, a], [, b]) => b - a);
  const right = scores[0][0] === expected;
  console.log(`\n${right ? "✔" : "✘"} ${name}   ${response.headers.get("server-timing") ?? ""}`);
  for (const [label, score] of scores.slice(0, 3)) {
    console.log(`  ${label.padEnd(11)}${"█".repeat(Math.round(score * 40)).padEnd(41)}${(score * 100).toFixed(1)} %`);
  }
  return right;
}

/** The drawings on a free port of loopback. */
async function servePictures() {
  const server = createServer((request, response) => {
    try {
      const body = readFileSync(`${here}drawings/${request.url.replace(/[^a-z.-]/g, "")}`);
      response.writeHead(200, { "content-type": "image/jpeg" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return { server, url: `http://127.0.0.1:${server.address().port}` };
}

/** `kserve-transformer serve` as a user would start it; the pictures come from loopback, so that is allowed here. */
async function startTransformer() {
  const child = spawn(
    process.execPath,
    [
      `${root}dist/src/cli/main.js`,
      "serve",
      `${here}clothing.ts`,
      "--model_name=clothing",
      `--predictor=onnx:${here}clothing.onnx`,
      "--host=127.0.0.1",
      "--http_port=0",
      "--image_allow=127.0.0.1",
      "--server_timing",
      ...(stay ? ["--enable_playground", "--playground_sources", `--playground_examples=${here}drawings`] : []),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (url !== undefined && line.includes("ready")) {
      child.stdout.resume();
      return { process: child, exited, url };
    }
  }
  const [code] = await exited;
  throw new Error(`the transformer ended with code ${code} before it was ready`);
}
