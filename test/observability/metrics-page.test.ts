import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createMetrics } from "../../src/observability/metrics.ts";

const PAGE = fileURLToPath(new URL("../../docs/metrics.md", import.meta.url));

/** UPDATE_DOCS=1 writes the page instead of comparing it. */
test("docs/metrics.md lists every metric of the server with its labels and its meaning", async () => {
  const metrics = createMetrics();
  const rows = (await metrics.registry.getMetricsAsJSON())
    .filter(({ name }) => /^(request_|kserve_)/.test(name))
    .map(({ name, help, type }) => {
      const { labelNames = [] } = metrics.registry.getSingleMetric(name) as unknown as { labelNames?: string[] };
      const kind = typeof type === "string" ? type : ["counter", "gauge", "histogram", "summary"][type as number];
      const labels = labelNames.filter((label) => label !== "le").map((label) => `\`${label}\``);
      return `| \`${name}\` | ${kind} | ${labels.join(", ") || "none"} | ${help} |`;
    });
  metrics.close();
  const table = ["| metric | type | labels | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
  const page = readFileSync(PAGE, "utf8");
  const written = page.replace(/\| metric \|[\s\S]*?(?=\n\n|$)/, table);
  if (process.env["UPDATE_DOCS"]) writeFileSync(PAGE, written);
  expect(readFileSync(PAGE, "utf8")).toBe(written);
});
