import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkManifest } from "../../src/manifest/checks/check-manifest.ts";
import { describeWithReference, reference } from "./shared-reference.ts";

/** What KServe 0.20 refused, failed on or ignored, case by case, as the checks that must say so. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  "a-name-that-is-quite-long-but-still-admitted-by-the-webhook-x": ["error name-length"],
  "arg-prefix": ["error argument-prefix", "error argument-prefix"],
  "bad-mode": ["error deployment-mode"],
  "bad-storage-uri": ["error storage-uri"],
  canary: ["warning canary"],
  "collocated-bare": [
    "error collocated-ports",
    "error collocated-port-clash",
    "error collocated-arguments",
    "warning collocated-arguments",
  ],
  "collocated-both": ["warning transformer-chain"],
  "cpu-target-zero": ["error scale-target"],
  extensions: ["warning batcher-with-logger", "warning timeout"],
  "min-zero": ["warning replicas"],
  "name-of-47-characters-aaaaaaaaaaaaaaaaaaaaaaaaa": ["error name-length"],
  "no-image": ["error image"],
  "no-runtime": ["error runtime"],
  "port-name-long": ["error port-name"],
  "protocol-v9": ["error protocol-version"],
  "rps-in-standard": ["warning scale-metric"],
  "two-ports-grpc-first": ["error first-port"],
  "two-ports-unnamed": ["error several-ports"],
  v2: ["error predictor-protocol"],
};

describeWithReference("services as a real KServe 0.20 admitted them", () => {
  const files = describeFiles();

  test.each(files)("%s gets the findings of what its controller did, and no other", (file) => {
    const text = readFileSync(join(reference, "observed", `${file}.yaml`), "utf8");
    const { services, findings } = checkManifest(text);
    expect(services).toBe(1);
    expect(findings.map(({ severity, check }) => `${severity} ${check}`)).toEqual(EXPECTED[file] ?? []);
  });

  test("every expectation has its case", () => {
    expect(Object.keys(EXPECTED).filter((name) => !files.includes(name))).toEqual([]);
  });
});

function describeFiles(): string[] {
  try {
    return readdirSync(join(reference, "observed"))
      .filter((file) => file.endsWith(".yaml"))
      .map((file) => file.slice(0, -".yaml".length));
  } catch {
    return ["none"];
  }
}
