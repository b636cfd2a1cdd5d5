import { InferenceError, invalidArgument } from "../../errors.ts";
import type { RowSchema, SchemaIssue, SchemaResult } from "./standard-schema.ts";

/** Where the client wrote its rows: V1's `instances`, or columns (V2, V1's columnar form). */
export type RowPlace = "instances" | "inputs";

/**
 * Each row as the schema gives it back.
 * @throws InferenceError invalid_argument that names the place in the client's own form.
 */
export function validateRows<Output>(rows: readonly unknown[], schema: RowSchema<Output>, place: RowPlace): Output[] {
  const wrap = place === "inputs" && rows.length > 0 && isBare(rows[0]) ? onlyField(schema) : undefined;
  return rows.map((row, index) => {
    const result = validate(schema, row);
    if (result.issues === undefined) return result.value;
    if (wrap !== undefined) {
      const wrapped = validate(schema, { [wrap]: row });
      if (wrapped.issues === undefined) return wrapped.value;
    }
    throw invalidArgument(describe(result.issues, place, index));
  });
}

function validate<Output>(schema: RowSchema<Output>, row: unknown): SchemaResult<Output> {
  const result = schema["~standard"].validate(row);
  if (result instanceof Promise) {
    throw new InferenceError("request.rows takes a synchronous schema; this one validates asynchronously");
  }
  return result;
}

function isBare(row: unknown): boolean {
  return typeof row === "string" || row instanceof Uint8Array;
}

/** Name of a schema's single field, told from what it misses in an empty object. */
function onlyField(schema: RowSchema): string | undefined {
  const result = validate(schema, {});
  const paths = new Set(result.issues?.map((issue) => String(pathOf(issue)[0] ?? "")));
  const [field] = paths;
  return paths.size === 1 && field !== "" ? field : undefined;
}

function pathOf(issue: SchemaIssue): PropertyKey[] {
  return (issue.path ?? []).map((step) => (typeof step === "object" ? step.key : step));
}

function describe(issues: readonly SchemaIssue[], place: RowPlace, index: number): string {
  return issues
    .map((issue) => {
      const path = pathOf(issue);
      const where =
        place === "instances"
          ? `instances[${index}]${formatPath(path)}`
          : `inputs${formatPath(path.slice(0, 1))}[${index}]${formatPath(path.slice(1))}`;
      return `${where}: ${issue.message}`;
    })
    .join("; ");
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
}
