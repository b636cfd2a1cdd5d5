import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { createMetrics } from "../../src/observability/metrics.ts";

const read = (name: string): string =>
  readFileSync(new URL(`../../deploy/monitoring/${name}`, import.meta.url), "utf8");

/** What a scraper adds, and metrics of others. */
const SCRAPED_LABELS = ["namespace", "pod", "container", "condition", "le"];
const FOREIGN_METRICS = ["kube_pod_status_ready", "kube_pod_container_info"];

const PROMQL_WORDS = new Set(["sum", "max", "by", "on", "and", "rate", "histogram_quantile", "label_values"]);

interface Expression {
  readonly where: string;
  readonly text: string;
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly annotations: Readonly<Record<string, string>>;
}

function alerts(): readonly Rule[] {
  const { spec } = parse(read("prometheus-rules.yaml")) as { spec: { groups: { rules: Rule[] }[] } };
  return spec.groups.flatMap(({ rules }) => rules);
}

function dashboardExpressions(): Expression[] {
  const { panels, templating } = JSON.parse(read("grafana-dashboard.json")) as {
    panels: { title: string; targets?: { expr: string }[] }[];
    templating: { list: { name: string; type: string; query: string }[] };
  };
  return [
    ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ where: title, text: expr }))),
    ...templating.list.filter(({ type }) => type === "query").map(({ name, query }) => ({ where: name, text: query })),
  ];
}

const expressions: readonly Expression[] = [
  ...alerts().map(({ alert, expr }) => ({ where: alert, text: expr })),
  ...dashboardExpressions(),
];

/** Names outside braces and brackets: metrics, functions, and the labels of by (…) and on (…). */
function namesIn(text: string): { metrics: string[]; labels: string[] } {
  const labels = [
    ...[...text.matchAll(/\{([^}]*)\}/g)].flatMap(([, list]) => [...(list ?? "").matchAll(/(\w+)\s*[=!]~?/g)]),
    ...[...text.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)].flatMap(([, list]) => [...(list ?? "").matchAll(/(\w+)/g)]),
    ...text.matchAll(/label_values\([^,]+, (\w+)\)/g),
  ].map(([, name]) => name as string);
  const bare = text
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, "")
    .replace(/\b(?:by|on)\s*\([^)]*\)/g, "")
    .replace(/label_values\(([^,]+),[^)]*\)/g, "$1");
  const metrics = [...bare.matchAll(/[a-zA-Z_:][\w:]*/g)]
    .map(([name]) => name)
    .filter((name) => !PROMQL_WORDS.has(name));
  return { metrics, labels };
}

/** Every series that a scrape holds, with its labels, once each listener's method was called. */
async function scrape(): Promise<{ readonly series: ReadonlySet<string>; readonly labels: ReadonlySet<string> }> {
  const metrics = createMetrics();
  const exchange = {
    requestId: "r",
    modelName: "m",
    verb: "predict",
    protocol: "v1",
    requestHeaders: {},
    responseHeaders: {},
  } as const;
  metrics.requestStarted?.(exchange);
  metrics.queueChanged?.(exchange, 1);
  for (const stage of ["preprocess", "predict", "explain", "postprocess"] as const) {
    metrics.stageEnded?.(exchange, stage, 1, new Error("failed"));
  }
  metrics.downloaded?.(exchange, 1, 1);
  metrics.batched?.(1, 1);
  metrics.lookedUp?.("hit");
  metrics.requestEnded?.(exchange, { status: 200, milliseconds: 1, requestBytes: 1, responseBytes: 1 });
  const text = await metrics.scrape();
  metrics.close();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return {
    series: new Set(lines.map((line) => line.split(/[{ ]/)[0] as string)),
    labels: new Set(lines.flatMap((line) => [...line.matchAll(/[{,](\w+)=/g)].map(([, name]) => name as string))),
  };
}

test("every metric and every label of the dashboard and of the alerts is in a scrape", async () => {
  const { series, labels } = await scrape();
  const unknown = expressions.flatMap(({ where, text }) => {
    const used = namesIn(text);
    return [
      ...used.metrics.filter((name) => !series.has(name) && !FOREIGN_METRICS.includes(name)),
      ...used.labels.filter((name) => !labels.has(name) && !SCRAPED_LABELS.includes(name)),
    ].map((name) => `${where}: ${name}`);
  });
  expect(unknown).toEqual([]);
  expect(expressions.length).toBeGreaterThan(20);
});

test("every metric of our own is on the dashboard", async () => {
  const { series } = await scrape();
  const used = new Set(
    expressions.flatMap(({ text }) => namesIn(text).metrics.map((name) => name.replace(/_(bucket|count|sum)$/, ""))),
  );
  const own = [...series].filter((name) => /^(kserve_transformer|request)_/.test(name));
  const missing = new Set(
    own.map((name) => name.replace(/_(bucket|count|sum)$/, "")).filter((name) => !used.has(name)),
  );
  expect([...missing]).toEqual([]);
});

test("there is an alert for errors, the predictor, time, the event loop, the queue and readiness, each with words", () => {
  const names = alerts().map(({ alert }) => alert);
  expect(names).toEqual(
    expect.arrayContaining([
      "TransformerErrorRate",
      "TransformerPredictorErrors",
      "TransformerSlow",
      "TransformerEventLoopLag",
      "TransformerQueue",
      "TransformerNotReady",
    ]),
  );
  for (const { annotations, for: period } of alerts()) {
    expect(annotations["summary"]).toMatch(/./);
    expect(annotations["description"]).toMatch(/./);
    expect(period).toMatch(/^\d+m$/);
  }
});
