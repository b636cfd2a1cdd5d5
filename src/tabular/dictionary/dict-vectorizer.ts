import type { TabularRecord, Vectorizer } from "../vectorizer.ts";
import { createRecordSchema } from "./record-schema.ts";
import { createEntryScaler, createScaler } from "./scaler.ts";
import type { VectorizerSpecification } from "./vectorizer-specification.ts";

/**
 * Records → feature vectors as scikit-learn's `DictVectorizer.transform` (1.9) makes them, then scaled as `StandardScaler` or
 * `MinMaxScaler` would:
 *
 * | value of a field | adds |
 * | --- | --- |
 * | text | 1 to the feature `name=value` |
 * | a number, true, false | itself, 1 or 0 to the feature `name` |
 * | null | NaN to the feature `name` |
 * | an array of texts | 1 to each `name=value` |
 *
 * Whatever has no feature is left out, and a feature that nothing adds to is 0.
 */
export function createDictVectorizer(
  specification: Pick<VectorizerSpecification, "vectorizer" | "scaler" | "scalers" | "records">,
): Vectorizer {
  const { feature_names, separator, dtype } = specification.vectorizer;
  const columns = new Map(feature_names.map((name, column) => [name, column]));
  const scale = createScaler(specification);
  const scaleEntry = createEntryScaler(specification);
  const Elements = dtype === "float32" ? Float32Array : Float64Array;

  const vectorOf = (record: TabularRecord): number[] => {
    const vector = new Elements(feature_names.length);
    const add = (feature: string, value: number): void => {
      const column = columns.get(feature);
      if (column === undefined) return;
      vector[column] = (vector[column] as number) + (scaleEntry === undefined ? value : scaleEntry(value, column));
    };
    for (const [field, value] of Object.entries(record)) {
      if (typeof value === "string") add(`${field}${separator}${value}`, 1);
      else if (Array.isArray(value)) for (const category of value) add(`${field}${separator}${category}`, 1);
      else if (value === null) add(field, Number.NaN);
      else add(field, Number(value));
    }
    scale(vector);
    return Array.from(vector);
  };

  const records = createRecordSchema(specification);
  return {
    featureNames: feature_names,
    records,
    transform: (rows) => rows.map(vectorOf),
    vectors: (request) => request.rows(records).map(vectorOf),
  };
}
