import { mapConcurrently } from "../../src/image/map-concurrently.ts";

/** Tasks that end when told to, and a count of those that run. */
function createTasks() {
  const ends = new Map<number, (outcome: "done" | Error) => void>();
  let running = 0;
  let most = 0;
  return {
    run(item: number): Promise<string> {
      most = Math.max(most, ++running);
      return new Promise((resolve, reject) => {
        ends.set(item, (outcome) => {
          running--;
          if (outcome === "done") resolve(`result ${item}`);
          else reject(outcome);
        });
      });
    },
    async end(item: number, outcome: "done" | Error = "done"): Promise<void> {
      ends.get(item)?.(outcome);
      await new Promise(setImmediate);
    },
    started: () => [...ends.keys()],
    most: () => most,
  };
}

test("results come in the order of the items, with at most so many running", async () => {
  const tasks = createTasks();
  const results = mapConcurrently([0, 1, 2, 3], 2, tasks.run);
  for (const item of [1, 2, 0, 3]) await tasks.end(item);
  expect(await results).toEqual(["result 0", "result 1", "result 2", "result 3"]);
  expect(tasks.most()).toBe(2);
});

test("after a failure nothing new begins, and the first failure in order is thrown once all that ran has ended", async () => {
  const tasks = createTasks();
  let settled = false;
  const results = mapConcurrently([0, 1, 2, 3], 2, tasks.run).finally(() => {
    settled = true;
  });
  const failure = results.catch((error: unknown) => error);
  await tasks.end(1, new Error("second"));
  expect(settled).toBe(false);
  await tasks.end(0, new Error("first"));
  expect(await failure).toEqual(new Error("first"));
  expect(tasks.started()).toEqual([0, 1]);
});

test("no items give no results", async () => {
  expect(await mapConcurrently([], 4, async () => 1)).toEqual([]);
});
