import type { ResourceRequirements } from "../kserve-objects.ts";
import type { ResourceOptions } from "./inference-service-options.ts";

/**
 * Requests and limits with every key set: the controller merges per key, and would otherwise limit a container that asks
 * for 2 cpus to its default of 1.
 */
export function createResources(
  defaults: { readonly cpu: string; readonly memory: string; readonly cpuLimit: string },
  options: ResourceOptions = {},
): ResourceRequirements {
  const { cpu = defaults.cpu, memory = defaults.memory, gpu } = options;
  const { cpuLimit = options.cpu ?? defaults.cpuLimit, memoryLimit = memory } = options;
  const graphics = gpu === undefined ? {} : { "nvidia.com/gpu": String(gpu) };
  return {
    requests: { cpu, memory, ...graphics },
    limits: { cpu: cpuLimit, memory: memoryLimit, ...graphics },
  };
}
