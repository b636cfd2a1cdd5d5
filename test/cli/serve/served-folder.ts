import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildCommand, type FinishedCommand, startServe } from "../command-process.ts";

/** A folder where nothing resolves, as in the image: outside of any node_modules, without a package.json. */
export let cwd: string;

beforeAll(() => void buildCommand(), 60_000);
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "serve-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

export const write = (name: string, text: string) => writeFileSync(join(cwd, name), text);

export const DOUBLE = `
import { type InferRequest, type InferResponse, Transformer } from "kserve-transformer";

const FACTOR: number = 2;

export default class Double extends Transformer {
  postprocess(response: InferResponse): InferResponse {
    return response.withPredictions(response.predictions.map((value) => Number(value) * FACTOR));
  }
}
`;

export async function predict(
  url: string,
  instances: unknown,
  model = "model",
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}/v1/models/${model}:predict`, {
    method: "POST",
    body: JSON.stringify({ instances }),
    headers: { "content-type": "application/json" },
  });
  return { status: response.status, body: await response.json() };
}

/** Serves, sends one request, ends: the response, and how the command ended. */
export async function tryOut(
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

export const QUICK = ["--drain_seconds", "0", "--predictor", "none"];
