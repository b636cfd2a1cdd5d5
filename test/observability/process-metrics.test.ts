import { collectDefaultMetrics, Registry } from "prom-client";
import { collectProcessMetrics } from "../../src/observability/prom-client.ts";

test("the process has all the metrics that prom-client collects by itself, of the same kind and with the same help", async () => {
  const [ours, theirs] = [new Registry(), new Registry()];
  collectProcessMetrics(ours);
  collectDefaultMetrics({ register: theirs });
  const describe = async (registry: Registry): Promise<readonly unknown[]> =>
    (await registry.getMetricsAsJSON())
      .map(({ name, type, help, aggregator }) => ({ name, type, help, aggregator }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  expect(await describe(ours)).toEqual(await describe(theirs));
});

test("CPU is what the process has used since it began, and counts once", async () => {
  const registry = new Registry();
  collectProcessMetrics(registry);
  const read = async (name: string): Promise<number> => {
    const metric = await registry.getSingleMetric(name)?.get();
    return metric?.values[0]?.value ?? Number.NaN;
  };
  const before = process.cpuUsage();
  const [user, system] = [await read("process_cpu_user_seconds_total"), await read("process_cpu_system_seconds_total")];
  const total = await read("process_cpu_seconds_total");
  const after = process.cpuUsage();
  expect(user).toBeGreaterThanOrEqual(before.user / 1e6);
  expect(user).toBeLessThanOrEqual(after.user / 1e6);
  expect(system).toBeGreaterThanOrEqual(before.system / 1e6);
  expect(total).toBeGreaterThanOrEqual(user + system);
  expect(total).toBeLessThanOrEqual((after.user + after.system) / 1e6);
});
