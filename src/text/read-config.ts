import type { z } from "zod";
import { InferenceError } from "../errors.ts";

/**
 * Reads a JSON file by its schema.
 * @throws InferenceError unimplemented with one line for each fault, which names the file, the field and what came.
 */
export function readConfig<Value>(text: string, file: string, schema: z.ZodType<Value>): Value {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InferenceError(`${file}: not JSON`, { cause });
  }
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => {
    const place = issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
    const came = issue.input === null || typeof issue.input !== "object" ? `, got ${JSON.stringify(issue.input)}` : "";
    return `${file}: ${place}${issue.message}${came}`;
  });
  throw new InferenceError(faults.join("\n"), { code: "unimplemented" });
}
