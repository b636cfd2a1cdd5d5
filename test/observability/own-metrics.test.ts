import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Counter } from "prom-client";
import { addPeerFolder } from "../../src/import-peer.ts";
import { createMetrics } from "../../src/observability/metrics.ts";

const folder = mkdtempSync(join(tmpdir(), "own-metrics-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("metrics of the prom-client that a transformer's folder has of its own are scraped once, beside those of the shared one", async () => {
  const shared = createRequire(import.meta.url);
  cpSync(dirname(shared.resolve("prom-client/package.json")), join(folder, "node_modules/prom-client"), {
    recursive: true,
  });
  addPeerFolder(folder);
  addPeerFolder(join(folder, "nowhere/else"));
  addPeerFolder(tmpdir());
  const own = createRequire(join(folder, "package.json"));
  const counters = [own, shared].map((load) => load("prom-client/lib/counter") as typeof Counter);
  for (const [index, Each] of counters.entries()) {
    new Each({ name: `of_${index}_total`, help: "one" }).inc();
    new Each({ name: "of_both_total", help: "the first is scraped", labelNames: ["by"] }).inc({ by: index });
  }
  const metrics = createMetrics();
  const text = await metrics.scrape();
  expect(text.match(/^of_.*$/gm)).toEqual(["of_1_total 1", 'of_both_total{by="1"} 1', "of_0_total 1"]);
  const collected = (await metrics.collect()).filter(({ name }) => name.startsWith("of_"));
  expect(collected.map(({ name }) => name)).toEqual(["of_1_total", "of_both_total", "of_0_total"]);
  metrics.close();
});
