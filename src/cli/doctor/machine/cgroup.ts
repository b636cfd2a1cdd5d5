import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What the kernel grants this container; undefined where it grants everything. */
export interface CgroupLimits {
  readonly memoryBytes: number | undefined;
  readonly cpus: number | undefined;
}

/** Version 2 has all of it in one folder, version 1 a folder for each resource. */
export function readCgroupLimits(folder: string): CgroupLimits {
  const memory = readFirst(folder, ["memory.max", "memory/memory.limit_in_bytes"]);
  return { memoryBytes: toBytes(memory), cpus: readCpus(folder) };
}

function readCpus(folder: string): number | undefined {
  const [quota, period] = readFirst(folder, ["cpu.max"])?.split(/\s+/) ?? [
    readFirst(folder, ["cpu/cpu.cfs_quota_us"]),
    readFirst(folder, ["cpu/cpu.cfs_period_us"]),
  ];
  const cpus = Number(quota) / Number(period);
  return Number.isFinite(cpus) && cpus > 0 ? cpus : undefined;
}

/** Version 1 says "no limit" by a number beyond every machine. */
function toBytes(text: string | undefined): number | undefined {
  const bytes = Number(text);
  return text !== undefined && Number.isFinite(bytes) && bytes > 0 && bytes < 2 ** 60 ? bytes : undefined;
}

function readFirst(folder: string, names: readonly string[]): string | undefined {
  for (const name of names) {
    try {
      return readFileSync(join(folder, name), "utf8").trim();
    } catch {
      // The other version's.
    }
  }
  return undefined;
}
