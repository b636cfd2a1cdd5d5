import { type InferenceError, invalidArgument } from "../../errors.ts";

/** Reads the members of a configuration one by one, and knows at the end which of them nobody asked for. */
export interface ConfigReader {
  /** The member as it is; null and a member that is not there are undefined. */
  take(name: string): unknown;
  number(name: string, byDefault: number): number;
  text(name: string, byDefault: string): string;
  flag(name: string, byDefault: boolean): boolean;
  numbers(name: string, byDefault: readonly number[]): readonly number[];
  /** @throws InferenceError when the member is there and none of `allowed`: what it asks for cannot be reproduced. */
  expect(name: string, allowed: readonly unknown[]): void;
  unexpected(name: string, expected: string, got: unknown): InferenceError;
  /** @throws InferenceError invalid_argument that names each member that was not asked for. */
  finish(): void;
}

/** @throws InferenceError invalid_argument when `value` is no object. */
export function createConfigReader(value: unknown, file: string, silent: ReadonlySet<string>): ConfigReader {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidArgument(`${file}: expected an object, got ${JSON.stringify(value)?.slice(0, 80)}`);
  }
  const members = value as Readonly<Record<string, unknown>>;
  const asked = new Set<string>();
  const unexpected = (name: string, expected: string, got: unknown): InferenceError =>
    invalidArgument(`${file}: ${name}: expected ${expected}, got ${JSON.stringify(got)}`);
  const take = (name: string): unknown => {
    asked.add(name);
    return members[name] ?? undefined;
  };
  const read = <Value>(name: string, byDefault: Value, expected: string, is: (got: unknown) => got is Value): Value => {
    const got = take(name) ?? byDefault;
    if (is(got)) return got;
    throw unexpected(name, expected, got);
  };
  return {
    take,
    unexpected,
    number: (name, byDefault) => read(name, byDefault, "a number", (got) => typeof got === "number"),
    text: (name, byDefault) => read(name, byDefault, "a text", (got) => typeof got === "string"),
    flag: (name, byDefault) => read(name, byDefault, "true or false", (got) => typeof got === "boolean"),
    numbers: (name, byDefault) =>
      read(
        name,
        byDefault,
        "numbers, one a channel",
        (got): got is readonly number[] => Array.isArray(got) && got.every((one) => typeof one === "number"),
      ),
    expect: (name, allowed) => {
      const got = take(name);
      if (got === undefined || allowed.includes(got)) return;
      const what = allowed.length === 0 ? "no value" : allowed.map((one) => JSON.stringify(one)).join(" or ");
      throw unexpected(name, `${what}: nothing else can be reproduced`, got);
    },
    finish: () => {
      const unknown = Object.keys(members).filter((name) => !asked.has(name) && !silent.has(name));
      if (unknown.length > 0) throw invalidArgument(`${file}: members that are not known: ${unknown.join(", ")}`);
    },
  };
}
