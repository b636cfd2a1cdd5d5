import { createRequire } from "node:module";
import { join } from "node:path";
import type { Counter, Gauge, Histogram, Registry } from "prom-client";
import { peerFolders } from "../import-peer.ts";

/**
 * By require: an import would first have Node search each file for the names of its exports. File by file: the package's entry
 * loads the API of OpenTelemetry as well, for exemplars that nobody asks for here, and with it most of its time and memory.
 */
const load = createRequire(import.meta.url);

const REGISTRY = "prom-client/lib/registry";
type RegistryClass = typeof Registry & { readonly globalRegistry: Registry };

export const prometheus = {
  Registry: load(REGISTRY) as RegistryClass,
  Counter: load("prom-client/lib/counter") as typeof Counter,
  Gauge: load("prom-client/lib/gauge") as typeof Gauge,
  Histogram: load("prom-client/lib/histogram") as typeof Histogram,
} as const;

/** The registries that a transformer's metrics are in: this package's default one, and that of a copy that the transformer's folder has. */
export function defaultRegistries(): readonly Registry[] {
  const found = new Set([prometheus.Registry.globalRegistry]);
  for (const folder of peerFolders()) {
    try {
      found.add((createRequire(join(folder, "package.json"))(REGISTRY) as RegistryClass).globalRegistry);
    } catch {
      // The folder has none.
    }
  }
  return [...found];
}

/** How often the event loop's delay is looked at, in milliseconds. */
const LOOP_RESOLUTION = 20;

type Collector = (registry: Registry, options: { readonly eventLoopMonitoringPrecision: number }) => void;

/** What prom-client's `collectDefaultMetrics` collects, but for the CPU: of all its files that one needs OpenTelemetry. */
const COLLECTORS = [
  "processStartTime",
  "osMemoryHeap",
  "processOpenFileDescriptors",
  "processMaxFileDescriptors",
  "eventLoopLag",
  "processResources",
  "processHandles",
  "processRequests",
  "heapSizeAndUsed",
  "heapSpacesSizeAndUsed",
  "version",
  "gc",
] as const;

/** The metrics of the process and of Node, under the names that they have everywhere. */
export function collectProcessMetrics(registry: Registry): void {
  createCpuCounter(registry, "process_cpu_user_seconds_total", "user", ({ user }) => user);
  createCpuCounter(registry, "process_cpu_system_seconds_total", "system", ({ system }) => system);
  createCpuCounter(registry, "process_cpu_seconds_total", "user and system", ({ user, system }) => user + system);
  for (const name of COLLECTORS) {
    const collect = load(`prom-client/lib/metrics/${name}`) as Collector;
    collect(registry, { eventLoopMonitoringPrecision: LOOP_RESOLUTION });
  }
}

function createCpuCounter(
  registry: Registry,
  name: string,
  what: string,
  microseconds: (usage: NodeJS.CpuUsage) => number,
): void {
  new prometheus.Counter({
    name,
    help: `Total ${what} CPU time spent in seconds.`,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(microseconds(process.cpuUsage()) / 1e6);
    },
  });
}
