import { z } from "zod";
import { type Category, categoryList, categoryRows, createLookup } from "./categories.ts";
import { assertFinite, assertLength, type ColumnKind, type CreateStep, RowFault, type StepSchema } from "./step.ts";

/** scikit-learn's OrdinalEncoder: one number for each category; infrequent ones share theirs. */
export interface OrdinalEncoderStep {
  readonly kind: "ordinal_encoder";
  readonly columns: readonly OrdinalColumn[];
}

interface OrdinalColumn {
  /** `categories_`; null stands for a missing value. */
  readonly categories: readonly Category[];
  /** What each category becomes; null is NaN, a missing value for the steps behind. */
  readonly codes: readonly (number | null)[];
  /** A value that is no category: a 400, or the number that it becomes; null is NaN. */
  readonly unknown: "error" | number | null;
}

export const ordinalEncoderSchema = (): StepSchema<OrdinalEncoderStep> => {
  const code = z.number().nullable();
  const column = z.strictObject({
    categories: categoryList(),
    codes: z.array(code),
    unknown: z.union([z.literal("error"), code]),
  });
  return z.strictObject({ kind: z.literal("ordinal_encoder"), columns: z.array(column) });
};

export const createOrdinalEncoder: CreateStep<OrdinalEncoderStep> = ({ kind, columns: encoders }, inputs, report) => {
  assertLength(encoders, inputs.length, ["columns"], report);
  const columns = inputs.slice(0, encoders.length).map((input, index) => {
    const encoder = encoders[index] as OrdinalColumn;
    const path = ["columns", index];
    assertLength(encoder.codes, encoder.categories.length, [...path, "codes"], report);
    return { ...encoder, input, lookup: createLookup(encoder.categories, input, [...path, "categories"], report) };
  });
  return {
    outputs: columns.map(({ input }): ColumnKind => ({ type: "number", name: input.name, fields: input.fields })),
    apply: (values) => {
      assertFinite(values, inputs, kind, "missing passes");
      return columns.map(({ input, lookup, codes, unknown }, index) => {
        const output = new Float64Array(values[0]?.length ?? 0);
        for (const [row, category] of categoryRows(values[index] ?? [], lookup)) {
          const code = category === undefined ? unknown : (codes[category] ?? null);
          if (code === "error") throw new RowFault(row, input, lookup.expected);
          output[row] = code ?? Number.NaN;
        }
        return output;
      });
    },
  };
};
