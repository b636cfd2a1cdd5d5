import { invalidArgument } from "../../errors.ts";

/**
 * The values of `{"0": "cat", "1": "dog"}` in the order of their numbers; an array as it is; nothing of undefined.
 * @throws InferenceError invalid_argument that names the number which is missing.
 */
export function readLabels(value: unknown, place: string): string[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== "object") throw invalidArgument(`${place}: expected names, got ${JSON.stringify(value)}`);
  const names = value as Readonly<Record<string, unknown>>;
  return Array.from({ length: Object.keys(names).length }, (_, index) => {
    const name = names[String(index)];
    if (typeof name === "string" || typeof name === "number") return String(name);
    throw invalidArgument(`${place}: ${index}: expected a name, got ${JSON.stringify(name)}`);
  });
}
