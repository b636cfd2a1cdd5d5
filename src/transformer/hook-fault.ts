import { InferenceError } from "../errors.ts";
import { locateMethod, type MethodPlace } from "./locate-method.ts";
import type { Transformer } from "./transformer.ts";

/**
 * "internal error" whose cause says what a hook returned instead. The hook is over by then, so its frame is put on top of
 * the stack: it is the one line that the author can fix.
 */
export function hookFault(
  transformer: Transformer<unknown>,
  hook: keyof Transformer<unknown>,
  what: string,
): InferenceError {
  const name = `${transformer.constructor.name}.${hook}`;
  const cause = new TypeError(`${name} ${what}`);
  const method = transformer[hook];
  const place = typeof method === "function" ? placeOf(method, hook) : undefined;
  if (place !== undefined) {
    const head = `${cause.name}: ${cause.message}`;
    const frames = (cause.stack ?? "").slice(head.length);
    cause.stack = `${head}\n    at ${name} (${place.path}:${place.line}:${place.column})${frames}`;
  }
  return InferenceError.from(cause);
}

/** A hook that fails at each request is looked up once. */
const places = new WeakMap<object, MethodPlace | undefined>();

function placeOf(method: object, hook: string): MethodPlace | undefined {
  if (!places.has(method)) places.set(method, locateMethod(method, hook));
  return places.get(method);
}
