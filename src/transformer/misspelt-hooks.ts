import { nearestName } from "../nearest-name.ts";
import { locateMethod } from "./locate-method.ts";
import { HOOKS, Transformer } from "./transformer.ts";

const NAMES: readonly string[] = HOOKS;

/** Methods that are called like no hook, but almost: `preproces` would never run, and nothing would say so. */
export function findMisspeltHooks(transformer: Transformer<unknown>): readonly string[] {
  const found: string[] = [];
  for (let level: object | null = transformer; level !== null; level = Object.getPrototypeOf(level) as object | null) {
    if (level === Transformer.prototype || level === Object.prototype) break;
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (typeof value !== "function" || NAMES.includes(name) || name === "constructor") continue;
      const hook = nearestName(name, NAMES);
      if (hook === undefined) continue;
      const place = locateMethod(value, name);
      const where = place === undefined ? "" : ` (${place.path}:${place.line}:${place.column})`;
      found.push(`'${name}' is no hook and never runs: did you mean '${hook}'?${where}`);
    }
  }
  return found;
}
