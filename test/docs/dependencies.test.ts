import { readFileSync } from "node:fs";
import { testTransformer } from "kserve-transformer/testing";

const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/dependencies.md", root), "utf8");
const dockerfile = readFileSync(new URL("Dockerfile", root), "utf8");

test("docs/dependencies.md names the targets that the Dockerfile has", () => {
  const targets = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, name = ""]) => name);
  const named = [...page.matchAll(/^\| `([a-z]+)`/gm)].map(([, name = ""]) => name);
  expect(named).toEqual(["plain", "onnx", "otel", "distroless"]);
  expect(named.filter((name) => !targets.includes(name))).toEqual([]);
});

test("docs/dependencies.md: a file beside the module is found from any folder", async () => {
  const before = process.cwd();
  process.chdir("/");
  try {
    const { default: Labels } = await import("./modules/labels.ts");
    const labels = testTransformer(Labels, { predictor: { predictions: [1, 0] } });
    expect((await labels.predict({ instances: [1, 2] })).predictions).toEqual(["hat", "dress"]);
    await labels.close();
  } finally {
    process.chdir(before);
  }
});
