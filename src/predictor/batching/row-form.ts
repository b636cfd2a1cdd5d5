import type { JsonValue } from "../../tensor/json-value.ts";

/**
 * The form that all rows have, as text; undefined where they differ. Rows of two forms in one array are another array to a
 * predictor: numpy makes strings of numbers beside a string, objects of numbers beside null, and loses digits of integers
 * beyond 2^53 beside a fraction.
 */
export function formOfRows(rows: readonly JsonValue[]): string | undefined {
  const [first, ...others] = rows;
  if (first === undefined) return undefined;
  const form = formOf(first);
  return others.every((row) => formOf(row) === form) ? form : undefined;
}

/** Equal items of an array are written once with their number; keys stay in their order, which is that of the columns. */
function formOf(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) {
    const forms: string[] = [];
    let last = "";
    let count = 0;
    for (const item of value as readonly JsonValue[]) {
      const form = formOf(item);
      if (form !== last && count > 0) {
        forms.push(`${count}*${last}`);
        count = 0;
      }
      last = form;
      count += 1;
    }
    if (count > 0) forms.push(`${count}*${last}`);
    return `[${forms.join()}]`;
  }
  if (typeof value !== "object") return typeof value;
  return `{${Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${formOf(member)}`)}}`;
}
