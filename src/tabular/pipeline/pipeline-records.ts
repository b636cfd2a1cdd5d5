import type { RowSchema, SchemaIssue } from "../../inference/checks/standard-schema.ts";
import { describeValue } from "../../tensor/describe-value.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../tensor/json-value.ts";
import { unwrap } from "../dictionary/record-schema.ts";
import type { Column, ColumnKind } from "../steps/step.ts";
import type { ColumnSpecification } from "./pipeline-specification.ts";

const EXPECTED = { number: "a number", text: "text", boolean: "true or false" } as const;

/** The columns in front of the first step. */
export function columnKinds(columns: readonly ColumnSpecification[]): ColumnKind[] {
  return columns.map(({ name, type }) => {
    const isBoolean = type === "boolean";
    return { type: type === "text" ? "text" : "number", name, fields: [name], ...(isBoolean && { isBoolean }) };
  });
}

/**
 * What a record may hold: every column's own type. A field that is null, NaN or not there is a missing value, which the steps judge;
 * fields that no step reads pass, as ColumnTransformer lets them.
 */
export function createPipelineRecords(columns: readonly ColumnSpecification[]): RowSchema<JsonObject> {
  return {
    "~standard": {
      version: 1,
      vendor: "kserve-transformer",
      jsonSchema: { input: () => describeRecords(columns) },
      validate: (row) => {
        const record = row as JsonValue | undefined;
        if (!isJsonObject(record)) {
          return { issues: [{ message: `expected an object of fields, got ${describeValue(row)}` }] };
        }
        const issues = columns.flatMap(({ name, type }): SchemaIssue[] => {
          const value = fieldOf(record, name);
          if (fits(value, type)) return [];
          return [{ message: `expected ${EXPECTED[type]}, got ${describeValue(value)}`, path: [name] }];
        });
        return issues.length > 0 ? { issues } : { value: record };
      },
    },
  };
}

/** A field's own value; null where there is none. */
export function fieldOf(record: JsonObject, name: string): JsonValue {
  return Object.hasOwn(record, name) ? unwrap(record[name] ?? null) : null;
}

function fits(value: JsonValue, type: ColumnSpecification["type"]): boolean {
  if (value === null || Number.isNaN(value)) return true;
  if (type === "text") return typeof value === "string";
  if (type === "boolean") return typeof value === "boolean";
  return (
    typeof value === "boolean" || typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value))
  );
}

/** Checked records → columns. */
export function toColumns(records: readonly JsonObject[], columns: readonly ColumnSpecification[]): Column[] {
  return columns.map(({ name, type }) => {
    if (type === "text") {
      return records.map((record) => {
        const value = fieldOf(record, name);
        return typeof value === "string" ? value : null;
      });
    }
    return Float64Array.from(records, (record) => {
      const value = fieldOf(record, name);
      return value === null ? Number.NaN : Number(value);
    });
  });
}

function describeRecords(columns: readonly ColumnSpecification[]): Record<string, unknown> {
  const types = { number: "number", text: "string", boolean: "boolean" };
  const properties = Object.fromEntries(columns.map(({ name, type }) => [name, { type: [types[type], "null"] }]));
  return { type: "object", properties };
}
