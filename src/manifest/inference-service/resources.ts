import { invalidArgument } from "../../errors.ts";
import type { ResourceRequirements } from "../kserve-objects.ts";
import { parseQuantity } from "../quantity.ts";
import type { ResourceOptions } from "./inference-service-options.ts";

/**
 * Requests and limits with every key set: the controller merges per key, and would otherwise limit a container that asks
 * for 2 cpus to its default of 1.
 *
 * @throws InferenceError invalid_argument for a text that is no quantity and for a limit below its request
 */
export function createResources(
  who: string,
  defaults: { readonly cpu: string; readonly memory: string; readonly cpuLimit: string },
  options: ResourceOptions = {},
): ResourceRequirements {
  const { cpu = defaults.cpu, memory = defaults.memory, gpu } = options;
  const { cpuLimit = options.cpu ?? defaults.cpuLimit, memoryLimit = memory } = options;
  for (const [key, request, limit] of [["cpu", cpu, cpuLimit] as const, ["memory", memory, memoryLimit] as const]) {
    const [low, high] = [parseQuantity(request), parseQuantity(limit)];
    if (low === undefined || high === undefined || low <= 0) {
      throw invalidArgument(`${key} of the ${who} is ${request} to ${limit}; expected quantities such as 500m or 2Gi`);
    }
    if (high < low)
      throw invalidArgument(`${key} of the ${who}: the limit ${limit} is less than the request ${request}`);
  }
  if (gpu !== undefined && (!Number.isInteger(gpu) || gpu < 1)) {
    throw invalidArgument(`GPUs of the ${who} are ${gpu}; expected a whole number, at least 1`);
  }
  const graphics = gpu === undefined ? {} : { "nvidia.com/gpu": String(gpu) };
  return {
    requests: { cpu, memory, ...graphics },
    limits: { cpu: cpuLimit, memory: memoryLimit, ...graphics },
  };
}
