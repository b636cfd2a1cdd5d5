import type { Steps } from "../../turns.ts";

/** Puts `count` elements into an array from place `at` on, from element `from` on. */
export type FillElements<Element> = (into: Element[], at: number, from: number, count: number) => void;

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

/** Arrays of more are no arrays to the engine but maps. */
const MOST = 32 * 1024 * 1024;

/**
 * A long array with room for its elements: one that grows is copied again and again, the last time all at once. Of numbers it is one of
 * doubles, which the memory management does not look into.
 */
function reserve<Element>(size: number, areNumbers: boolean): Element[] {
  const elements: unknown[] = areNumbers ? [0.5] : [];
  elements.length = size <= MOST ? size : 0;
  return elements as Element[];
}

/**
 * Elements nested as a shape of one dimension or more says.
 * @param areNumbers no element is anything else
 */
export function* nestElements<Element>(
  shape: readonly number[],
  fill: FillElements<Element>,
  areNumbers: boolean,
): Steps<Nested<Element>[]> {
  const weights = weightsOf(shape);
  let next = 0;
  let made = 0;
  const leaf = (size: number): Element[] => {
    const values = new Array<Element>(size);
    fill(values, 0, next, size);
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
    if (level === shape.length - 1) {
      const elements = reserve<Element>(size, areNumbers);
      yield;
      for (let i = 0; i < size; i += SOME) {
        const some = Math.min(SOME, size - i);
        fill(elements, i, next, some);
        next += some;
        yield;
      }
      return elements;
    }
    const values: Nested<Element>[] = [];
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
