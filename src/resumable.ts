import { finish, type Steps, type Turns } from "./turns.ts";

/** Thrown where a turn is over: the work that goes on in others. */
class Pause {
  readonly goOn: () => Promise<void>;

  constructor(goOn: () => Promise<void>) {
    this.goOn = goOn;
  }
}

/** True for what `resume` throws through the code that it runs: whoever catches errors there lets it pass. */
export function isPause(thrown: unknown): boolean {
  return thrown instanceof Pause;
}

/** Long work of one run of code, by the value that it is of. */
interface Run {
  readonly turns: Turns;
  readonly results: Map<unknown, Map<string, () => unknown>>;
  /** What the code was left for, until it finds its result: code that makes it of another value each time would be left for ever. */
  awaited: (() => unknown) | undefined;
}

/** What `resume` runs now; code is synchronous, so there is one at a time. */
let running: Run | undefined;

/** True inside `resume`, where long work may be left: elsewhere what has a faster way than steps may take that. */
export function isInTurns(): boolean {
  return running !== undefined;
}

/**
 * Long work inside synchronous code: at once, unless `resume` runs the code. Then the code is left when its turn is over, and finds the
 * result when it runs again.
 * @param of what the work is of, with `key` for what is done with it: the same pair has the same result in one run.
 * @throws what the steps throw.
 */
export function inSteps<Result>(of: unknown, key: string, steps: () => Steps<Result>): Result {
  if (running === undefined) return finish(steps());
  const run = running;
  const results = resultsOf(run, of);
  const known = results.get(key);
  if (known !== undefined) {
    if (run.awaited === known) run.awaited = undefined;
    return known() as Result;
  }
  const work = steps();
  for (;;) {
    if (run.turns.isOver && run.awaited === undefined) throw new Pause(() => goOn(work, run, results, key));
    const { done, value } = step(work);
    if (done !== true) continue;
    results.set(key, () => value);
    return value;
  }
}

/** One piece of work. What it calls belongs to it: left inside, it would be lost, as the next attempt does not come there again. */
function step<Result>(work: Steps<Result>): IteratorResult<void, Result> {
  const outer = running;
  running = undefined;
  try {
    return work.next();
  } finally {
    running = outer;
  }
}

function resultsOf({ results }: Run, of: unknown): Map<string, () => unknown> {
  let own = results.get(of);
  if (own === undefined) {
    own = new Map();
    results.set(of, own);
  }
  return own;
}

/** What code makes anew each time it runs, made once in a run: what `inSteps` is of must stay the same. */
export function remember<Result>(of: unknown, key: string, make: () => Result): Result {
  if (running === undefined) return make();
  const results = resultsOf(running, of);
  const known = results.get(key);
  if (known !== undefined) return known() as Result;
  const value = make();
  results.set(key, () => value);
  return value;
}

async function goOn<Result>(
  work: Steps<Result>,
  run: Run,
  results: Map<string, () => unknown>,
  key: string,
): Promise<void> {
  const { turns } = run;
  try {
    await turns.next();
    const value = await turns.finish(work);
    run.awaited = () => value;
  } catch (error) {
    if (turns.isAborted) throw error;
    run.awaited = () => {
      throw error;
    };
  }
  results.set(key, run.awaited);
}

/**
 * Runs synchronous code whose long work is done in turns with other work. Code that takes no longer than a turn is run once and its
 * result is no promise; else it is left and run again, so it may change nothing but what is its own.
 * @throws what the code throws; the signal's reason.
 */
export function resume<Result>(turns: Turns, code: () => Result): Result | Promise<Result> {
  const run: Run = { turns, results: new Map(), awaited: undefined };
  try {
    return attempt(run, code);
  } catch (thrown) {
    if (!(thrown instanceof Pause)) throw thrown;
    return resumeLater(run, thrown, code);
  }
}

async function resumeLater<Result>(run: Run, first: Pause, code: () => Result): Promise<Result> {
  for (let pause = first; ; ) {
    await pause.goOn();
    try {
      return attempt(run, code);
    } catch (thrown) {
      if (!(thrown instanceof Pause)) throw thrown;
      pause = thrown;
    }
  }
}

function attempt<Result>(run: Run, code: () => Result): Result {
  const outer = running;
  running = run;
  try {
    return code();
  } finally {
    running = outer;
  }
}
