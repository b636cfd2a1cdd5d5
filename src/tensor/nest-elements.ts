import type { Steps } from "../turns.ts";

/** Puts `into.length` elements into an array, from element `from` on. */
export type FillElements<Element> = (into: Element[], from: number) => void;

type Nested<Element> = Element | Nested<Element>[];

/** Elements and arrays made at once. */
export const SOME = 16_384;
/** Of so few nothing is made in steps. */
export const FEW = 256;

/** Elements and arrays that an array at each level holds, itself included. */
export function weightsOf(shape: readonly number[]): readonly number[] {
  const weights = shape.map(() => 1);
  for (let level = shape.length - 1; level >= 0; level--) {
    weights[level] = (shape[level] as number) * (weights[level + 1] ?? 1) + 1;
  }
  return weights;
}

/** Elements nested as a shape of one dimension or more says. */
export function* nestElements<Element>(
  shape: readonly number[],
  fill: FillElements<Element>,
): Steps<Nested<Element>[]> {
  const weights = weightsOf(shape);
  let next = 0;
  let made = 0;
  const leaf = (size: number): Element[] => {
    const values = new Array<Element>(size);
    fill(values, next);
    next += size;
    return values;
  };
  const build = (level: number): Nested<Element>[] => {
    const size = shape[level] as number;
    if (level === shape.length - 1) return leaf(size);
    const values = new Array<Nested<Element>>(size);
    for (let i = 0; i < size; i++) values[i] = build(level + 1);
    return values;
  };
  const steps = function* (level: number): Steps<Nested<Element>[]> {
    const size = shape[level] as number;
    const inner = weights[level + 1] ?? 1;
    const values: Nested<Element>[] = [];
    if (level === shape.length - 1) {
      for (let i = 0; i < size; i += SOME) {
        for (const element of leaf(Math.min(SOME, size - i))) values.push(element);
        yield;
      }
      return values;
    }
    for (let i = 0; i < size; i++) {
      values.push(inner > SOME ? yield* steps(level + 1) : build(level + 1));
      made += inner;
      if (made < SOME) continue;
      made = 0;
      yield;
    }
    return values;
  };
  return yield* steps(0);
}
