import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { command } from "../../../src/cli/commands/check.ts";
import { checkManifest } from "../../../src/manifest/checks/check-manifest.ts";
import { fixManifest } from "../../../src/manifest/checks/fix-manifest.ts";

const bad = fileURLToPath(new URL("../../fixtures/manifests/bad/", import.meta.url));

/** A service that nothing is wrong with, but for what stands in `transformer` and `annotations`. */
function service(transformer: string, annotations = ""): string {
  return `# the first line
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: churn   # the name
${annotations}spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: "s3://models/churn"}
  transformer:
    containers:
      - name: kserve-container
${transformer}`;
}

test.each([
  ["a unit", '        image: a/b:1\n        resources: {limits: {memory: 512m, cpu: "1"}}\n', "512m", "512Mi"],
  ["a scheme", "        image: https://a.example/b:1 # pinned\n", "https://a.example/b:1", "a.example/b:1"],
  ["a misspelt field", "        imagge: a/b:1\n", "imagge", "image"],
  ["a number for a text", "        image: a/b:1\n        env: [{name: A, value: 1}]\n", "value: 1", 'value: "1"'],
  ["a text for a number", '        image: a/b:1\n        ports: [{containerPort: "8080"}]\n', '"8080"', "8080"],
])("%s is written as it was meant, and nothing else is touched", (_, transformer, wrong, right) => {
  const text = service(transformer);
  const { text: fixed, result } = fixManifest(text);
  expect(fixed).toBe(text.replace(wrong, right));
  expect(result.findings).toEqual([]);
});

test("what Knative refuses is taken out with its lines, and its neighbours stay", () => {
  const knative = '  annotations: {serving.kserve.io/deploymentMode: "Knative"}\n';
  const kept = "        image: a/b:1\n        env:\n          - name: A\n            value: b # why\n";
  const entry = '          - name: PORT\n            value: "1"\n';
  const hook = "        lifecycle:\n          preStop: {exec: {command: [sleep]}}\n";
  const { text, fixed } = fixManifest(service(`${kept}${entry}${hook}`, knative));
  expect(text).toBe(service(kept, knative));
  expect(fixed.map(({ check }) => check).sort()).toEqual(["knative-environment", "knative-field"]);
});

test("a text that an alias shares is left alone", () => {
  const text = service("        image: &image https://a.example/b:1\n      - {name: beside, image: *image}\n");
  const fixed = fixManifest(text).text;
  expect(fixed).toContain("image: &image a.example/b:1");
  expect(fixed).toContain("image: *image");
});

test.each(readdirSync(bad))(
  "%s: what is fixed is found no more, nothing new is wrong, a second time changes nothing",
  (file) => {
    const text = readFileSync(join(bad, file), "utf8");
    const before = checkManifest(text);
    const { text: fixed, fixed: changes, result } = fixManifest(text);
    const errors = (findings: typeof before.findings) => findings.filter(({ severity }) => severity === "error").length;
    const left = new Set(result.findings.map(({ check, path, message }) => `${check} ${path} ${message}`));
    for (const { check, path, message } of changes) expect(left).not.toContain(`${check} ${path} ${message}`);
    if (changes.length === 0) expect(fixed).toBe(text);
    else expect(errors(result.findings)).toBeLessThan(errors(before.findings) + 1);
    expect(fixManifest(fixed).text).toBe(fixed);
  },
);

test("check --fix writes the file, says what it changed, and exits with what is left", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fix-"));
  try {
    writeFileSync(join(folder, "a.yaml"), service("        imagge: a/b:1\n"));
    let output = "";
    const print = (text: string) => {
      output += text;
    };
    const context = { env: {}, cwd: folder, print, warn: print, signal: new AbortController().signal };
    expect(await command.run(["--fix", "a.yaml"], context)).toBe(0);
    expect(output).toBe(
      "a.yaml:12: fixed: spec.transformer.containers[0].imagge: Write image. [unknown-field]\n" +
        "a.yaml: 1 InferenceService, 0 errors, 0 warnings\n",
    );
    expect(readFileSync(join(folder, "a.yaml"), "utf8")).toBe(service("        image: a/b:1\n"));
    expect(readdirSync(folder)).toEqual(["a.yaml"]);
    await expect(command.run(["--fix", "-"], context)).rejects.toThrow("--fix writes into files, got -");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
