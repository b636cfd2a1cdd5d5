import { InferenceError } from "../errors.ts";
import { formatJson } from "../json/format-json.ts";
import { describeData } from "../tensor/elements/assert-elements.ts";
import { isJsonObject, type JsonValue } from "../tensor/json-value.ts";
import type { NonFiniteText } from "../tensor/number-text/create-element-writer.ts";
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

/**
 * The text of a body that a completion's hook returned.
 * @param nonFinite the text for NaN and the infinities
 * @throws InferenceError internal, whose cause names the hook and the place of what is no JSON.
 */
export function formatReturned(
  transformer: Transformer<unknown>,
  hook: "preprocessCompletion" | "postprocessCompletion" | "postprocessChunk",
  body: JsonValue | undefined,
  nonFinite?: NonFiniteText,
): string {
  if (body === undefined || !isJsonObject(body)) {
    const what = body === undefined ? NOTHING : describeData(body);
    throw hookFault(transformer, hook, `must return a JSON object, got ${what}`);
  }
  try {
    return formatJson(body, "body", nonFinite);
  } catch (error) {
    throw hookFault(transformer, hook, `returned what cannot be written: ${(error as Error).message}`);
  }
}

/** A hook that fails at each request is looked up once. */
const places = new WeakMap<object, MethodPlace | undefined>();

function placeOf(method: object, hook: string): MethodPlace | undefined {
  if (!places.has(method)) places.set(method, locateMethod(method, hook));
  return places.get(method);
}

/** What to write for rows, and what for tensors. */
const INSTEAD = {
  request: ["request.withInstances(rows)", "request.withInputs(tensors)"],
  reply: ["request.reply({ predictions: rows })", "request.reply({ outputs: tensors })"],
  response: ["response.withPredictions(rows)", "response.withOutputs(tensors)"],
} as const;

const NOTHING = "nothing: write return before what it made";

/** What a hook returned in place of `wanted`, and what to write instead. */
export function describeReturned(value: unknown, wanted: keyof typeof INSTEAD): string {
  if (value === undefined) return NOTHING;
  const [first] = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  const isTensors =
    typeof first === "object" && first !== null && ["datatype", "inputs", "outputs"].some((key) => key in first);
  return `${describeData(value)}: write ${INSTEAD[wanted][isTensors ? 1 : 0]}`;
}
