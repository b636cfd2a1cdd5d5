import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { buildCommand, startServe } from "../command-process.ts";

const readme = (name: string): string => readFileSync(`transformers/${name}/README.md`, "utf8");

/** A picture for every GET; for a POST what the model says. */
let internet: Server;
let says: (instances: readonly unknown[]) => object;
let folder: string;
const hostOf = (): string => `127.0.0.1:${(internet.address() as AddressInfo).port}`;

beforeAll(async () => {
  buildCommand();
  const picture = await sharp({ create: { width: 320, height: 160, channels: 3, background: "#336699" } })
    .jpeg()
    .toBuffer();
  internet = createServer((request, response) => {
    if (request.method === "GET") return void response.end(picture);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { instances } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { instances: unknown[] };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(says(instances)));
    });
  });
  await new Promise<void>((resolve) => internet.listen(0, "127.0.0.1", resolve));
}, 60_000);
afterAll(() => internet.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curls-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (file: string, content: object): void => writeFileSync(join(folder, file), JSON.stringify(content));

/** Runs the curl of a README that asks the model of this name; what it names on the internet comes from the stand-in. */
async function run(text: string, model: string, argv: readonly string[], env: Record<string, string>) {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.trim().startsWith(`curl localhost:8080/v1/models/${model}:predict`));
  const command = lines.slice(start, lines[start]?.endsWith("\\") ? start + 2 : start + 1).join("\n");
  const flags = ["--model_name", model, "--predictor_host", hostOf(), "--drain_seconds", "0"];
  const server = await startServe([...argv, ...flags], {
    cwd: process.cwd(),
    env: { IMAGE_ALLOW: "127.0.0.1", ...env },
  });
  try {
    const asked = command
      .replace("localhost:8080", new URL(server.url).host)
      .replace(/https?:\/\/[\w.]+\/(?=[\w-]+\.?\w*")/, `http://${hostOf()}/`);
    const { stdout } = await promisify(execFile)("bash", ["-c", asked]);
    return JSON.parse(stdout) as unknown;
  } finally {
    server.kill("SIGKILL");
  }
}

test("image: a classifier's folder", async () => {
  write("preprocessor_config.json", { image_processor_type: "ViTImageProcessor", size: 8 });
  write("config.json", { architectures: ["ViTForImageClassification"], id2label: { 0: "cat", 1: "dog" } });
  says = (instances) => ({ predictions: instances.map(() => [5, 1]) });
  const score = 1 / (1 + Math.exp(-4));
  expect(await run(readme("image"), "pets", [folder], {})).toEqual({
    predictions: [
      [
        { label: "cat", score: expect.closeTo(score, 6) },
        { label: "dog", score: expect.closeTo(1 - score, 6) },
      ],
    ],
  });
});

test("image: a detector's folder", async () => {
  write("preprocessor_config.json", { image_processor_type: "RTDetrImageProcessor", size: { height: 32, width: 32 } });
  write("config.json", { architectures: ["RTDetrForObjectDetection"], id2label: { 0: "bus", 1: "car" } });
  says = (instances) => ({
    predictions: instances.map(() => ({ logits: [[-9, 3]], pred_boxes: [[0.5, 0.5, 0.25, 0.5]] })),
  });
  const box = { xmin: 120, ymin: 40, xmax: 200, ymax: 120 };
  expect(await run(readme("image"), "street", [folder], {})).toEqual({
    predictions: [[{ label: "car", score: expect.closeTo(1 / (1 + Math.exp(-3)), 6), box }]],
  });
});

test("image: a Keras classifier by the environment alone", async () => {
  const variables = /MODEL_INPUT_SIZE=\S+ KERAS_MODEL_NAME=\S+ MODEL_LABELS=\S+/.exec(readme("image"))?.[0] ?? "";
  const env = Object.fromEntries(variables.split(" ").map((one) => one.split("=") as [string, string]));
  says = (instances) => ({ predictions: instances.map(() => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) });
  const answer = await run(readme("image"), "clothes", [], { TRANSFORMER: "image", ...env });
  expect(answer).toEqual({ predictions: [expect.objectContaining({ dress: 0, hat: 1, pants: 4 })] });
});

test("tabular: records by the environment alone", async () => {
  says = (instances) => ({ predictions: instances.map(() => [0.36, 0.64]) });
  const env = { TRANSFORMER: "tabular", TABULAR_SPEC: "examples/churn/churn.json" };
  const answer = (await run(readme("tabular"), "churn", [], env)) as { predictions: object[] };
  expect(answer.predictions.map((row) => Object.keys(row))).toEqual([["churn_probability", "churn"]]);
});
