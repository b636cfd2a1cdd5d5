/** Serves churn.ts with the trained model inside, asks it about twenty customers, and checks the responses against Python's. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const read = (name) => JSON.parse(readFileSync(here + name, "utf8"));
const command = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));
const options = ["--model_name=churn", `--predictor=onnx:${here}model.onnx`, "--host=127.0.0.1", "--http_port=0"];
const server = spawn(process.execPath, [command, "serve", `${here}churn.ts`, ...options], {
  stdio: ["ignore", "pipe", "inherit"],
});

try {
  const url = await whenReady();
  const customers = read("customers.json");
  const response = await fetch(`${url}/v1/models/churn:predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ instances: customers }),
  });
  const { predictions, error } = await response.json();
  assert.equal(response.status, 200, error);

  const { predict_proba: expected } = read("expected.json");
  assert.equal(predictions.length, expected.length);
  predictions.forEach(({ churn_probability, churn }, row) => {
    const { contract, tenure, monthlycharges } = customers[row];
    console.log(
      `${String(contract ?? "unknown").padEnd(15)} ${tenure} months, ${monthlycharges} a month: ${churn_probability.toFixed(3)} ${churn}`,
    );
    assert.ok(
      Math.abs(churn_probability - expected[row][1]) < 1e-6,
      `customer ${row}: Python says ${expected[row][1]}`,
    );
  });
  console.log(`${predictions.length} of ${expected.length} customers as Python scores them`);
} finally {
  server.kill();
}

async function whenReady() {
  for await (const line of createInterface({ input: server.stdout })) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (url !== undefined && line.includes("ready")) {
      server.stdout.resume();
      return url;
    }
  }
  throw new Error("the transformer ended before it was ready");
}
