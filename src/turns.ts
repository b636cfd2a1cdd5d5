/** Long enough that turns cost nothing beside the work, short enough that nobody sees the wait. */
const TURN_MS = 5;

/** Bytes that a piece of work takes at a time: some milliseconds at most, whatever they hold. */
export const PIECE: number = 64 * 1024;

/** Bytes below which all is read and written at once. */
export const LARGE: number = 512 * 1024;

/** Work that can be left after each piece; written once, it is done at once or in turns. */
export type Steps<Result> = Generator<void, Result, void>;

/** Calls `advance` with positions that grow by a piece until it has a result. */
export function* inPieces<Result>(
  start: number,
  advance: (until: number) => Result | undefined,
  piece: number = PIECE,
): Steps<Result> {
  for (let until = start + piece; ; until += piece) {
    const result = advance(until);
    if (result !== undefined) return result;
    yield;
  }
}

/** Does all steps at once. */
export function finish<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Those who wait for their turn, the first come first. */
const waiting: (() => void)[] = [];

/** Turns that were given; whoever has the last one may go on. */
let given = 0;

/** One turn in each round of the event loop, however many wait: a round is as long as a turn, and what else it does. */
function giveTurn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(giveTurn);
}

/** Long work on the event loop, done in turns with everybody else's. */
export class Turns {
  readonly #signal: AbortSignal | undefined;
  #turn = -1;
  #end: number = performance.now() + TURN_MS;

  /** @param signal ends the work at its next turn. */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  get isAborted(): boolean {
    return this.#signal?.aborted === true;
  }

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** Lets others run where this is nobody's turn, or over. @throws the signal's reason once it is aborted. */
  async next(): Promise<void> {
    if (this.#turn === given && !this.isOver) return;
    await new Promise<void>((resolve) => {
      const begin = (): void => {
        given += 1;
        this.#turn = given;
        this.#end = performance.now() + TURN_MS;
        resolve();
      };
      if (waiting.push(begin) === 1) setImmediate(giveTurn);
    });
    this.#signal?.throwIfAborted();
  }

  /** Does steps in turns with other work. */
  async finish<Result>(steps: Steps<Result>): Promise<Result> {
    for (;;) {
      const { done, value } = steps.next();
      if (done === true) return value;
      await this.next();
    }
  }
}
