import { formatManifests } from "../../src/manifest/format-manifests.ts";

test("quotes every text that YAML 1.1 would take for something else, as Kubernetes does", () => {
  const text = formatManifests([
    { env: ["yes", "on", "8080", "1e3", "0x1F", "1_000", "null", "~", "299,299", "true"] },
  ]);
  const lines = text.split("\n").slice(1, -1);
  const bare = lines.map((line) => line.replace(/^\s*- /, "")).filter((value) => !value.startsWith('"'));
  expect(bare).toEqual(["299,299"]);
});

test("keeps a long text in one line", () => {
  const label = "longsleeve ".repeat(30).trim();
  expect(formatManifests([{ value: label }])).toBe(`value: ${label}\n`);
});

test("divides objects as kubectl reads them", () => {
  expect(formatManifests([{ kind: "Secret" }, { kind: "InferenceService" }])).toBe(
    "kind: Secret\n---\nkind: InferenceService\n",
  );
});
