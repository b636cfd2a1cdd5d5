import { AggregatorRegistry, Histogram, Registry } from "prom-client";
import { LabelledHistogram } from "../../src/observability/labelled-histogram.ts";

const SPEC = { name: "seconds", help: "How long it took", label: "model_name", buckets: [0.001, 0.5, 2] } as const;

/** The same observations in prom-client's histogram and in ours: among them bounds, what lies above all, and nothing. */
function observe(values: readonly (readonly [string, number])[]): readonly [Registry, Registry] {
  const theirs = new Registry();
  const ours = new Registry();
  const { label, ...config } = SPEC;
  const histogram = new Histogram({
    ...config,
    buckets: [...config.buckets],
    labelNames: [label],
    registers: [theirs],
  });
  const own = new LabelledHistogram(SPEC, ours);
  for (const [model, value] of values) {
    histogram.observe({ [label]: model }, value);
    own.observe(model, value);
  }
  return [theirs, ours];
}

const OBSERVATIONS = Array.from({ length: 500 }, (_, index) => {
  const model = index % 2 === 0 ? "a" : 'b"\n\\';
  return [model, [0, 0.001, 0.5, 2, 2.0001, 1000, index / 300][index % 7] ?? 0] as const;
});

test("a scrape reads as prom-client's own histogram", async () => {
  const [theirs, ours] = observe(OBSERVATIONS);
  expect(await ours.metrics()).toBe(await theirs.metrics());
  const [nothing, alsoNothing] = observe([]);
  expect(await alsoNothing.metrics()).toBe(await nothing.metrics());
});

test("workers' values are summed as prom-client's own are", async () => {
  const workers = [observe(OBSERVATIONS), observe(OBSERVATIONS.slice(0, 99))];
  const [theirs, ours] = await Promise.all(
    [0, 1].map(async (index) => {
      const snapshots = await Promise.all(workers.map((registries) => registries[index]?.getMetricsAsJSON() ?? []));
      return AggregatorRegistry.aggregate(snapshots).metrics();
    }),
  );
  expect(ours).toBe(theirs);
});
