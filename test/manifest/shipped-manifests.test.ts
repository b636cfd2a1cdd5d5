import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkManifest } from "../../src/manifest/checks/check-manifest.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = ["examples", "transformers"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("inferenceservice.yaml"))
    .map((file) => join(folder, file)),
);

test("there are manifests to check", () => {
  expect(files.length).toBeGreaterThan(1);
});

test.each(files)("%s is one that check has nothing to say of", (file) => {
  const { services, findings } = checkManifest(readFileSync(join(root, file), "utf8"));
  expect(services).toBeGreaterThan(0);
  expect(findings).toEqual([]);
});
