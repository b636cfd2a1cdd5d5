import { Turns } from "../src/turns.ts";

/** Keeps the event loop for so many milliseconds. */
function burn(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test("one round of the event loop has one turn, however many works wait for theirs", async () => {
  let round = 0;
  let isOver = false;
  const count = (): void => {
    round += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const rounds: number[][] = [];
  await Promise.all(
    Array.from({ length: 8 }, async (_, work) => {
      const turns = new Turns();
      const mine: number[] = [];
      rounds[work] = mine;
      for (let piece = 0; piece < 3; piece++) {
        await turns.next();
        mine.push(round);
        burn(6);
      }
    }),
  );
  isOver = true;
  const all = rounds.flat();
  expect(new Set(all).size).toBe(all.length);
  // In the order in which they came, and each gets one before the first has another.
  expect(rounds.map(([first]) => first)).toEqual(all.toSorted((a, b) => a - b).slice(0, 8));
});

test("a work that is alone goes on in its turn", async () => {
  const turns = new Turns();
  await turns.next();
  let others = 0;
  setImmediate(() => {
    others += 1;
  });
  await turns.next();
  expect(others).toBe(0);
  burn(6);
  await turns.next();
  expect(others).toBe(1);
});

test("a work whose signal is aborted while it waits throws the reason, and the next has its turn", async () => {
  const controller = new AbortController();
  const [left, other] = [new Turns(controller.signal).next(), new Turns().next()];
  controller.abort(new Error("the client left"));
  await expect(left).rejects.toThrow("the client left");
  await other;
});
