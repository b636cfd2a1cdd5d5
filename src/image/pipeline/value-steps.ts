import type { ValueStep } from "./specification.ts";

const { fround } = Math;

/** What the value steps make of one sample of a channel: a float32. */
export type ValueFunction = (value: number, channel: number) => number;

/** The float32 of each byte, one table a channel, and one for all of them where they are scaled alike. */
export function valueTables(steps: readonly ValueStep[], channels: number): Float32Array[] {
  const scale = composeValueSteps(steps);
  const tables = Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length: 256 }, (_unused, byte) => scale(byte, channel)),
  );
  const [first] = tables;
  const alike = first !== undefined && tables.every((table) => table.every((value, byte) => value === first[byte]));
  return alike ? [first] : tables;
}

/** Every step in float32 as numpy and torch compute it, one after the other. */
export function composeValueSteps(steps: readonly ValueStep[]): ValueFunction {
  const functions = steps.map(valueFunction);
  return (value, channel) => functions.reduce((result, step) => step(result, channel), value);
}

function valueFunction(step: ValueStep): ValueFunction {
  if (step.step === "normalize") {
    const [mean, std] = [step.mean.map(fround), step.std.map(fround)];
    const of = (list: readonly number[], channel: number): number => (list[channel] ?? list[0]) as number;
    return (value, channel) => fround(fround(value - of(mean, channel)) / of(std, channel));
  }
  const { factor, divisor, offset, precision } = step;
  if (precision === "float64") return (value) => fround((value * factor) / divisor + offset);
  const [by, over, more] = [fround(factor), fround(divisor), fround(offset)];
  return (value) => fround(fround(fround(value * by) / over) + more);
}
