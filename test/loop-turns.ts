/**
 * Turns that the event loop really makes while the work is under way, each seen by a timer that fires: work that only says that it gives
 * way, by a promise or by a call, lets none fire.
 */
export async function countLoopTurns<Value>(
  work: () => Promise<Value>,
): Promise<{ readonly value: Value; readonly turns: number }> {
  let turns = 0;
  let timer: NodeJS.Timeout | undefined;
  const next = (): void => {
    timer = setTimeout(() => {
      turns += 1;
      next();
    }, 0);
  };
  next();
  try {
    const value = await work();
    return { value, turns };
  } finally {
    clearTimeout(timer);
  }
}
