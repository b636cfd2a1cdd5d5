import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadImageModel } from "kserve-transformer/image";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "odd-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PROCESSOR = { image_processor_type: "ViTImageProcessor", size: 8 };
const BOMB = [
  "a: &a [1,1]",
  ..."bcdef".split("").map((name, i) => `${name}: &${name} [${Array(10).fill(`*${"abcde"[i]}`)}]`),
];

test.each<[string, Record<string, unknown>, string]>([
  ["half a JSON", { "preprocessor_config.json": '{"size": 22' }, "preprocessor_config.json: not JSON"],
  [
    "a processor that is a list",
    { "preprocessor_config.json": [1] },
    "preprocessor_config.json: expected an object, got [1]",
  ],
  [
    "a configuration that is a list",
    { "preprocessor_config.json": PROCESSOR, "config.json": [] },
    "config.json: expected an object, got []",
  ],
  [
    "an architecture that is a text",
    { "preprocessor_config.json": PROCESSOR, "config.json": { architectures: "ViTForImageClassification" } },
    'config.json: architectures: expected a list of names, got "ViTForImageClassification"',
  ],
  [
    "labels with a gap",
    { "preprocessor_config.json": PROCESSOR, "config.json": { id2label: { 0: "a", 1000000: "b" } } },
    "config.json: id2label: 1: expected a name, got undefined",
  ],
  [
    "a size beyond every picture",
    { "preprocessor_config.json": { ...PROCESSOR, size: 1e9 } },
    "preprocessor_config.json: steps[0].to.size[0]: Too big: expected number to be <=65535",
  ],
  [
    "one mean for three channels",
    { "preprocessor_config.json": { ...PROCESSOR, image_mean: [0.5] } },
    "preprocessor_config.json: image_mean: expected 3 numbers, one a channel, got [0.5]",
  ],
  ...["__proto__", "constructor", "toStringImageProcessor"].map((name): [string, Record<string, unknown>, string] => [
    `a processor called ${name}`,
    { "preprocessor_config.json": JSON.stringify({ image_processor_type: name, resample: 2, size: 8 }) },
    `preprocessor_config.json: image_processor_type "${name}" is not known`,
  ]),
  ...["MaskFormer", "Mask2Former", "OneFormer", "GLPN"].map((name): [string, Record<string, unknown>, string] => [
    name,
    { "preprocessor_config.json": { image_processor_type: `${name}ImageProcessor` } },
    "cannot be reproduced: its sizes are",
  ]),
  ["half a YAML", { "metadata.yaml": "task: [detect" }, "metadata.yaml: not YAML that can be read: Flow sequence"],
  [
    "a YAML that grows",
    { "metadata.yaml": `${BOMB.join("\n")}\ntask: detect` },
    "metadata.yaml: not YAML that can be read: Excessive alias count",
  ],
  ["a YAML of a text", { "metadata.yaml": "hello" }, 'metadata.yaml: expected an object, got "hello"'],
  ["an ONNX file that is none", { "model.onnx": "garbage garbage" }, "model.onnx: no ONNX model"],
  ["no file that says it", {}, "no file says how pictures are prepared"],
  ["a configuration of timm that is null", { "config.json": { pretrained_cfg: null } }, "no file says how pictures"],
])("%s is refused with the file, what was expected and what came", async (_, files, message) => {
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  await expect(loadImageModel(folder)).rejects.toMatchObject({
    code: "invalid_argument",
    message: expect.stringContaining(message),
  });
});

test("what is no folder, and what is a folder instead of a file, is said", async () => {
  mkdirSync(join(folder, "config.json"));
  await expect(loadImageModel(folder)).rejects.toThrow("config.json: cannot be read (EISDIR)");
  const missing = join(folder, "missing");
  await expect(loadImageModel(missing)).rejects.toThrow(`${missing}: expected a folder, which cannot be read (ENOENT)`);
});
