import type { Flag } from "../../contract/flag.ts";
import { type InferenceError, invalidArgument } from "../../errors.ts";

/** The words that Python's `strtobool` takes, which KServe's flags are read with. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...["true", "t", "yes", "y", "on", "1"].map((word) => [word, true] as const),
  ...["false", "f", "no", "n", "off", "0"].map((word) => [word, false] as const),
]);

/** True for a word that may follow a boolean flag as its value. */
export function isBooleanWord(text: string): boolean {
  return BOOLEANS.has(text.toLowerCase());
}

/**
 * The value that a text means for a flag; undefined for an empty text, which says nothing.
 *
 * @param place How the message calls the flag: `--http_port`, `environment variable PORT`.
 * @throws InferenceError invalid_argument that names the place, what was expected and what came.
 */
export function parseFlagValue(flag: Flag, text: string, place: string): unknown {
  if (text === "" && flag.type !== "boolean") return undefined;
  switch (flag.type) {
    case "text":
      return text;
    case "list":
      return text.split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));
    case "boolean":
      return BOOLEANS.get(text.toLowerCase()) ?? refuse(flag, text, place);
    case "choice": {
      const choice = text.toLowerCase();
      return flag.choices?.includes(choice) ? choice : refuse(flag, text, place);
    }
    case "integer":
    case "number": {
      const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
      const whole = flag.type === "number" ? Number.isFinite(value) : Number.isSafeInteger(value);
      if (!whole || value < (flag.minimum ?? -Infinity) || value > (flag.maximum ?? Infinity))
        return refuse(flag, text, place);
      return value;
    }
  }
}

/** The error of a flag that came without its value. */
export function missingValue(flag: Flag, place: string): InferenceError {
  return invalidArgument(`${place} expects ${describeValue(flag)}, got nothing`);
}

function refuse(flag: Flag, text: string, place: string): never {
  throw invalidArgument(`${place} expects ${describeValue(flag)}, got ${JSON.stringify(text)}`);
}

/** What a flag takes, in words: `a whole number from 0 to 65535`. */
export function describeValue(flag: Flag): string {
  switch (flag.type) {
    case "text":
      return "a text";
    case "list":
      return "a list separated by commas";
    case "boolean":
      return "true or false";
    case "choice":
      return `one of ${flag.choices?.join(", ")}`;
    case "integer":
    case "number": {
      const kind = flag.type === "integer" ? "a whole number" : "a number";
      if (flag.maximum !== undefined) return `${kind} from ${flag.minimum ?? 0} to ${flag.maximum}`;
      return flag.minimum === undefined ? kind : `${kind} of at least ${flag.minimum}`;
    }
  }
}
