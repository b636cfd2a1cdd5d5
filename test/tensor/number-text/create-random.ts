// A global that is looked up for each element is slow under jest.
const { imul } = Math;

/** 32 random bits; the same in each run. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (imul(state, 1664525) + 1013904223) >>> 0;
    return (state ^ (state >>> 15)) >>> 0;
  };
}
