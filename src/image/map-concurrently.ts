/**
 * `Promise.all(items.map(run))` with at most `bound` running. After a failure nothing new begins; what runs is awaited, and
 * the failure of the first item in order is thrown, so that the same input gives the same message.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  bound: number,
  run: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  const failures = new Map<number, unknown>();
  async function work(): Promise<void> {
    while (next < items.length && failures.size === 0) {
      const index = next++;
      try {
        results[index] = await run(items[index] as Item, index);
      } catch (error) {
        failures.set(index, error);
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(bound, items.length) }, work));
  if (failures.size > 0) throw failures.get(Math.min(...failures.keys()));
  return results;
}
