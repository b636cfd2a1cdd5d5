import { invalidArgument } from "../errors.ts";

/** Timers take no more than 2^31 - 1 ms, 24 days. */
const LARGEST = 2 ** 31 - 1;

/** The option, a whole number that a timer or a counter takes. @throws InferenceError invalid_argument that names it. */
export function resolveWhole(name: string, value: number, least = 1): number {
  if (Number.isInteger(value) && value >= least && value <= LARGEST) return value;
  throw invalidArgument(`${name} must be a whole number from ${least} to ${LARGEST}, got ${String(value)}`);
}

/** The option, one of those allowed. @throws InferenceError invalid_argument that names it. */
export function resolveChoice<T extends string>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw invalidArgument(`${name} must be one of ${allowed.join(", ")}, got ${JSON.stringify(value)}`);
}
