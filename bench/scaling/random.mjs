/** Random numbers that are the same in every run: mulberry32 (public domain) and what is drawn from it. */
export function createRandom(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const exponential = (mean) => -Math.log(1 - uniform()) * mean;
  return {
    uniform,
    below: (count) => Math.floor(uniform() * count),
    exponential,
    /** Times with this mean and coefficient of variation: fixed at 0, exponential at 1, log-normal else. */
    time({ mean, variation = 0 }) {
      if (variation === 0) return mean;
      if (variation === 1) return exponential(mean);
      const variance = Math.log(1 + variation ** 2);
      const normal = Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
      return mean * Math.exp(Math.sqrt(variance) * normal - variance / 2);
    },
  };
}
