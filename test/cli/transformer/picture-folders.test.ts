import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { sourceOf } from "../../image/backend/resize-cases.ts";
import type { PipelineCases } from "../../image/read/pipeline-cases.ts";
import { sha256 } from "../../image/shared-clothing.ts";
import { buildCommand, runCommand, startServe } from "../command-process.ts";

/** What the predictor got: values one after another. */
let received: Float32Array;
let predictor: Server;
let folder: string;

beforeAll(async () => {
  buildCommand();
  predictor = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { instances } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { instances: number[][][][] };
      received = Float32Array.from(instances.flat(3));
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ predictions: instances.map(() => [1, 3, 2]) }));
    });
  });
  await new Promise<void>((resolve) => predictor.listen(0, "127.0.0.1", resolve));
}, 60_000);
afterAll(() => predictor.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pictures-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fixture = (name: string): string => readFileSync(join("test/fixtures/image", name), "utf8");
const firstOf = (kind: string, name: string): PipelineCases["cases"][number] => {
  const { cases }: PipelineCases = JSON.parse(fixture(`pipelines/${kind}.json`));
  const found = cases.find((one) => one.name.startsWith(name));
  if (found === undefined) throw new Error(`no case ${name}`);
  return found;
};
const write = (file: string, content: object): void => writeFileSync(join(folder, file), JSON.stringify(content));
const LABELS = ["cat", "dog", "emu"];

/** Serves the folder, sends the picture as PNG, and gives what came back. */
async function serveAndSend([width, height]: readonly [number, number], seed: number): Promise<unknown> {
  const { data } = sourceOf({ from: [width, height, 3], seed, to: [1, 1], method: "", offset: 0, sha256: "" });
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  const host = `127.0.0.1:${(predictor.address() as AddressInfo).port}`;
  const server = await startServe([folder, "--predictor_host", host, "--drain_seconds", "0"], { cwd: folder, env: {} });
  try {
    const response = await fetch(`${server.url}/v1/models/model:predict`, {
      method: "POST",
      body: JSON.stringify({ instances: [{ b64: png.toString("base64") }] }),
    });
    return await response.json();
  } finally {
    await server.end();
    server.kill("SIGKILL");
  }
}

const RANKED = (activation: "softmax" | "none") => {
  const sum = Math.E + Math.E ** 3 + Math.E ** 2;
  const score = (logit: number) => (activation === "none" ? logit : expect.closeTo(Math.exp(logit) / sum, 10));
  return {
    predictions: [
      [
        { label: "dog", score: score(3) },
        { label: "emu", score: score(2) },
        { label: "cat", score: score(1) },
      ],
    ],
  };
};

test.each([
  [
    "timm",
    firstOf("timm", "convnext_base.clip_laion2b"),
    (configuration: object) =>
      write("config.json", { architecture: "vit", num_classes: 3, label_names: LABELS, pretrained_cfg: configuration }),
    RANKED("softmax"),
  ],
  [
    "torchvision",
    firstOf("torchvision", "Swin_B_Weights"),
    (configuration: object) => write("preprocessing.json", { torchvision: configuration, labels: LABELS }),
    RANKED("softmax"),
  ],
  [
    "keras",
    firstOf("keras", "xception"),
    (configuration: object) => write("preprocessing.json", { keras: configuration, labels: LABELS }),
    RANKED("none"),
  ],
  [
    "ultralytics",
    firstOf("ultralytics", "classify 224"),
    (configuration: object) => write("metadata.yaml", { ...configuration, names: { ...LABELS } }),
    RANKED("none"),
  ],
])(
  "a folder of %s is a running service with Python's values",
  async (_, { configuration, pictures }, writeFiles, expected) => {
    writeFiles(configuration as object);
    const [picture] = pictures;
    if (picture === undefined) throw new Error("no picture");
    expect(await serveAndSend(picture.size, picture.seed)).toEqual(expected);
    expect(sha256(new Uint8Array(received.buffer)).slice(0, 16)).toBe(picture.sha256);
  },
);

test("a folder of transformers' is a running service with Python's values", async () => {
  const { sizes, cases } = JSON.parse(fixture("hugging-face.json")) as {
    sizes: [number, number][];
    cases: { configuration: object; backend: string; pictures: { sha256: string }[] }[];
  };
  const [vit] = cases.filter(({ backend }) => backend === "pillow");
  write("preprocessor_config.json", vit?.configuration ?? {});
  const id2label = Object.fromEntries(LABELS.entries());
  write("config.json", { architectures: ["ViTForImageClassification"], model_type: "vit", id2label });
  expect(await serveAndSend(sizes[0] as [number, number], 0)).toEqual(RANKED("softmax"));
  expect(sha256(new Uint8Array(received.buffer))).toBe(vit?.pictures[0]?.sha256);
  const { stdout, code } = await runCommand(["inspect", "."], { cwd: folder, env: {} });
  expect([code, stdout]).toEqual([0, expect.stringContaining("labels with scores, best first, after softmax")]);
  expect(stdout).toContain(
    'to {"fit":"stretch","size":[224,224]}, with {"backend":"pillow","resample":"bilinear","pillow":13}',
  );
});

test("inspect reads what Ultralytics writes into an ONNX file, and prints JSON that preprocessing.json takes", async () => {
  const texts = {
    author: "Ultralytics",
    task: "detect",
    stride: "32",
    imgsz: "[320, 320]",
    names: "{0: 'person', 1: \"cat's\"}",
    args: "{'half': True, 'dynamic': False}",
  };
  writeFileSync(join(folder, "best.onnx"), onnxOf(texts));
  const { stdout, stderr, code } = await runCommand(["inspect", folder, "--json"], { cwd: folder, env: {} });
  expect([code, stderr]).toEqual([0, ""]);
  const { pipeline, ...rest } = JSON.parse(stdout);
  expect(rest).toMatchObject({
    kind: "ultralytics",
    file: "best.onnx",
    task: "detection",
    labels: ["person", "cat's"],
    detector: { head: "ultralytics" },
  });
  expect((await runCommand(["inspect", folder], { cwd: folder, env: {} })).stdout).toContain(
    "labelled boxes on the original picture, best first, scores above 0.25",
  );
  expect(pipeline.output).toEqual({ layout: "NCHW", datatype: "FP16" });
  expect(pipeline.steps[0]).toMatchObject({ step: "letterbox", size: [320, 320], fill: true });
  write("preprocessing.json", { pipeline });
  expect((await runCommand(["inspect", folder], { cwd: folder, env: {} })).stdout).toContain(
    "pipeline, by preprocessing.json",
  );
});

test.each([
  [
    "members that nobody knows",
    { image_processor_type: "ViTImageProcessor", sparkle: 1 },
    "preprocessor_config.json: members that are not known: sparkle",
  ],
  [
    "an unknown processor",
    { image_processor_type: "SamImageProcessor" },
    'image_processor_type "SamImageProcessor" cannot be reproduced: the model takes points or boxes beside pictures',
  ],
])("inspect and serve say why a folder is refused: %s", async (_, processor, reason) => {
  write("preprocessor_config.json", processor);
  const inspected = await runCommand(["inspect", folder], { cwd: folder, env: {} });
  const served = await runCommand(["serve", folder, "--predictor_host", "127.0.0.1:1"], { cwd: folder, env: {} });
  for (const { code, stdout, stderr } of [inspected, served]) {
    expect(code).not.toBe(0);
    expect(`${stdout}${stderr}`).toContain(reason.replaceAll('"', stderr.includes(reason) ? '"' : '\\"'));
  }
});

test("a folder of texts and pictures together, and one of neither, are refused", async () => {
  for (const file of ["config.json", "tokenizer.json", "preprocessor_config.json"]) write(file, {});
  const both = await runCommand(["inspect", folder], { cwd: folder, env: {} });
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("a model of texts and pictures together")]);
  rmSync(folder, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), "pictures-"));
  const none = await runCommand(["inspect", folder], { cwd: folder, env: {} });
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("no model's folder")]);
});

/** ModelProto with an ir_version, a graph of 300 bytes and metadata_props. */
function onnxOf(texts: Readonly<Record<string, string>>): Buffer {
  const field = (number: number, content: Uint8Array): Buffer => {
    const length = content.length < 128 ? [content.length] : [(content.length & 127) | 128, content.length >> 7];
    return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), content]);
  };
  const entries = Object.entries(texts).map(([key, text]) =>
    field(14, Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(text))])),
  );
  return Buffer.concat([Buffer.from([8, 9]), field(7, new Uint8Array(300)), ...entries]);
}
