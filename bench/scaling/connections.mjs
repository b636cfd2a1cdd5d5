import { createRandom } from "./random.mjs";

/**
 * How uneven connections leave pods when each stays with the pod it was opened to (a Service balances connections, not
 * requests; HTTP/2 has few of them): the busiest pod's share over the mean, the median of many draws.
 */
export function unevenness({ connections, pods, draws = 101, seed = 1 }) {
  const random = createRandom(seed);
  const ratios = Array.from({ length: draws }, () => {
    const counts = new Uint32Array(pods);
    for (let i = 0; i < connections; i++) counts[random.below(pods)]++;
    return (Math.max(...counts) * pods) / connections;
  });
  return ratios.sort((a, b) => a - b)[draws >> 1];
}
