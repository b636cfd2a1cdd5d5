import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("python_transformer.py", import.meta.url));

/** The transformer of KServe's Python SDK in front of `predictor`, started and not waited for. */
export async function spawnPython(python, predictor) {
  const port = await freePort();
  const ports = [`--http_port=${port}`, `--grpc_port=${await freePort()}`];
  const child = spawn(python, [script, ...ports, "--model_name=m", `--predictor_host=${predictor}`], {
    stdio: "ignore",
  });
  return { child, port };
}

/** Until the model says that it is ready. */
export async function whenReady({ child, port }) {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${child.spawnargs.join(" ")} ended with ${child.exitCode}`);
    const isReady = await fetch(`http://127.0.0.1:${port}/v2/models/m/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await delay(5);
  }
}

/** Megabytes of memory of a process. */
export function memoryOf(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
}

export function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}
