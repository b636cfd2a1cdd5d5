import type { RowSchema, SchemaIssue } from "../../inference/checks/standard-schema.ts";
import { describeValue } from "../../tensor/describe-value.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../tensor/json-value.ts";
import type { VectorizerSpecification } from "./vectorizer-specification.ts";

/**
 * What a record may hold. `checked` refuses what scikit-learn takes without a word and makes nothing, or NaN, of: text where
 * the feature is a number (`"tenure": "12"`), a number where it is a category, null or an infinite number for a number.
 * Unknown fields and categories pass, in both.
 */
export function createRecordSchema(
  specification: Pick<VectorizerSpecification, "vectorizer" | "records">,
): RowSchema<JsonObject> {
  const { feature_names, separator } = specification.vectorizer;
  const features = new Set(feature_names);
  const categories = new Set(feature_names.flatMap((name) => prefixes(name, separator)));
  const checked = specification.records === "checked";

  const faultOf = (field: string, value: JsonValue): string | undefined => {
    const takesText = categories.has(field) || !features.has(field);
    const takesNumber = features.has(field) || !categories.has(field);
    if (Array.isArray(value)) {
      if (!value.every((category) => typeof category === "string")) return `expected texts only in an array`;
      return checked && !takesText ? `expected a number, got ${describeValue(value)}` : undefined;
    }
    if (isJsonObject(value)) return `expected ${kinds(takesText, takesNumber)}, got ${describeValue(value)}`;
    if (!checked) return undefined;
    if (typeof value === "string") return takesText ? undefined : `expected a number, got ${describeValue(value)}`;
    if (value === null) return features.has(field) ? "expected a number, got null" : undefined;
    if (!takesNumber) return `expected text, got ${describeValue(value)}`;
    const known = features.has(field) && !Number.isFinite(Number(value));
    return known ? `expected a finite number, got ${describeValue(value)}` : undefined;
  };

  return {
    "~standard": {
      version: 1,
      vendor: "kserve-transformer",
      jsonSchema: { input: () => describeRecords(feature_names, separator) },
      validate: (row) => {
        const record = row as JsonValue | undefined;
        if (!isJsonObject(record)) {
          return { issues: [{ message: `expected an object of fields, got ${describeValue(row)}` }] };
        }
        const value = Object.fromEntries(Object.entries(record).map(([field, member]) => [field, unwrap(member)]));
        const issues = Object.entries(value).flatMap(([field, member]): SchemaIssue[] => {
          const message = faultOf(field, member);
          return message === undefined ? [] : [{ message, path: [field] }];
        });
        return issues.length > 0 ? { issues } : { value };
      },
    },
  };
}

/** Every field as JSON schema: a number, or a text with its categories; unknown ones pass, as they do when they are read. */
function describeRecords(featureNames: readonly string[], separator: string): Record<string, unknown> {
  const categories = new Map<string, string[]>();
  const properties: Record<string, unknown> = {};
  for (const feature of featureNames) {
    const at = feature.indexOf(separator);
    if (at < 0) properties[feature] = { type: "number" };
    else {
      const field = feature.slice(0, at);
      const known = categories.get(field) ?? [];
      known.push(feature.slice(at + separator.length));
      categories.set(field, known);
    }
  }
  for (const [field, known] of categories) properties[field] ??= { anyOf: [{ enum: known }, { type: "string" }] };
  return { type: "object", properties };
}

/** Fields that a feature's name may be a category of: the separator may stand in the field's and in the value's text. */
function prefixes(feature: string, separator: string): string[] {
  const found: string[] = [];
  for (let at = feature.indexOf(separator); at !== -1; at = feature.indexOf(separator, at + 1)) {
    found.push(feature.slice(0, at));
  }
  return found;
}

/** The number in `[12]`: a V2 column of shape [N, 1], as data frames are sent, has rows of one element. */
export function unwrap(value: JsonValue): JsonValue {
  if (!Array.isArray(value) || value.length !== 1) return value;
  const [only] = value as [JsonValue];
  return typeof only === "number" || typeof only === "bigint" || typeof only === "boolean" ? only : value;
}

function kinds(takesText: boolean, takesNumber: boolean): string {
  if (takesText && takesNumber) return "text or a number";
  return takesText ? "text" : "a number";
}
