import { inSteps, isInTurns, remember, resume } from "../src/resumable.ts";
import { type Steps, Turns } from "../src/turns.ts";
import { ShortTurns } from "./short-turns.ts";

/** A turn that is never over, also on a machine that is busy with others. */
class EndlessTurns extends Turns {
  override get isOver(): boolean {
    return false;
  }
}

/** A turn that is over at each look but the first. */
class LaterTurns extends Turns {
  #looks = 0;

  override get isOver(): boolean {
    return this.#looks++ > 0;
  }
}

function* count(to: number, made: number[] = []): Steps<number> {
  for (let i = 1; i <= to; i++) {
    made.push(i);
    yield;
  }
  return to;
}

describe("synchronous code in turns", () => {
  test("without resume, and within one turn, long work is done at once", () => {
    const of = {};
    expect(inSteps(of, "count", () => count(3))).toBe(3);
    expect(resume(new EndlessTurns(), () => inSteps(of, "count", () => count(3)))).toBe(3);
  });

  test("what takes longer is done once, in turns, and the code finds it when it runs again", async () => {
    const [one, other] = [{}, {}];
    const made: number[] = [];
    let runs = 0;
    const code = () => {
      runs++;
      return [
        inSteps(one, "a", () => count(3, made)),
        inSteps(one, "b", () => count(2)),
        inSteps(other, "a", () => count(1)),
      ];
    };
    const result = resume(new ShortTurns(), code);
    expect(result).toBeInstanceOf(Promise);
    expect(await result).toEqual([3, 2, 1]);
    expect(made).toEqual([1, 2, 3]);
    expect(runs).toBe(4);
  });

  test("work inside a piece of other work belongs to it: it is not left there, and made once", async () => {
    const of = {};
    const made: number[] = [];
    let begun = 0;
    function* outer(): Steps<number> {
      begun += 1;
      const inner = inSteps({}, "inner", () => count(2, made));
      yield;
      return inner + 1;
    }
    expect(await resume(new LaterTurns(), () => inSteps(of, "outer", outer))).toBe(3);
    expect([begun, made]).toEqual([1, [1, 2]]);
  });

  test("code that makes the value anew each time ends, and remember makes it once", async () => {
    let made = 0;
    const make = () => ({ number: made++ });
    expect(await resume(new ShortTurns(), () => inSteps(make(), "count", () => count(3)))).toBe(3);
    expect(made).toBe(2);
    const of = {};
    const code = () => {
      const value = remember(of, "made", make);
      inSteps(value, "count", () => count(3));
      return value.number;
    };
    expect(await resume(new ShortTurns(), code)).toBe(2);
  });

  test("what the steps throw is thrown where the code asks for them, also later", async () => {
    const of = {};
    function* fail(): Steps<number> {
      yield;
      throw new RangeError("no");
    }
    const code = () => {
      try {
        return inSteps(of, "fail", fail);
      } catch (error) {
        if (error instanceof RangeError) return "caught";
        throw error;
      }
    };
    expect(await resume(new ShortTurns(), code)).toBe("caught");
  });

  test("an abort ends it with its reason; others' code runs undisturbed in between", async () => {
    const controller = new AbortController();
    const result = resume(new ShortTurns(controller.signal), () => inSteps({}, "count", () => count(3)));
    expect(inSteps({}, "count", () => count(2))).toBe(2);
    controller.abort(new Error("left"));
    await expect(result).rejects.toThrow("left");
  });

  test("code within code has turns of its own, and the code around it goes on with its own", async () => {
    const [of, inner] = [{}, {}];
    const made: number[] = [];
    const within: unknown[] = [];
    const code = () => {
      within.push(resume(new ShortTurns(), () => inSteps(inner, "count", () => count(2))));
      const first = inSteps(of, "first", () => count(3, made));
      expect(() =>
        resume(new Turns(), () => {
          throw new RangeError("no");
        }),
      ).toThrow("no");
      return first + inSteps(of, "second", () => count(4, made));
    };
    expect(await resume(new ShortTurns(), code)).toBe(7);
    expect(made).toEqual([1, 2, 3, 1, 2, 3, 4]);
    expect(await Promise.all(within)).toEqual([2, 2, 2]);
  });

  test("what code begins and does not wait for, runs outside it", async () => {
    const seen: [boolean, number][] = [];
    let begun: Promise<void> | undefined;
    const wait = async (): Promise<void> => {
      seen.push([isInTurns(), 0]);
      await undefined;
      seen.push([isInTurns(), inSteps({}, "own", () => count(2))]);
    };
    const code = () => {
      begun ??= wait();
      return inSteps(seen, "count", () => count(3));
    };
    expect(await resume(new ShortTurns(), code)).toBe(3);
    await begun;
    expect(seen).toEqual([
      [true, 0],
      [false, 2],
    ]);
    expect(isInTurns()).toBe(false);
  });
});
