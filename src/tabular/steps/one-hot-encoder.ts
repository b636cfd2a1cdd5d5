import { z } from "zod";
import { type Category, categoryList, categoryRows, createLookup } from "./categories.ts";
import { assertFinite, assertLength, type ColumnKind, type CreateStep, RowFault, type StepSchema } from "./step.ts";

/** scikit-learn's OneHotEncoder; dropped and infrequent categories are places. */
export interface OneHotEncoderStep {
  readonly kind: "one_hot_encoder";
  readonly columns: readonly OneHotColumn[];
}

interface OneHotColumn {
  /** `categories_`; null stands for a missing value. */
  readonly categories: readonly Category[];
  /** Which of the column's outputs is 1 for each category; -1 for a dropped one. */
  readonly places: readonly number[];
  /** How many outputs the column has. */
  readonly width: number;
  /** A value that is no category: a 400, all outputs 0, or the place of the infrequent ones. */
  readonly unknown: "error" | "zeros" | number;
}

export const oneHotEncoderSchema = (): StepSchema<OneHotEncoderStep> => {
  const place = z.number().int().min(-1);
  const column = z.strictObject({
    categories: categoryList(),
    places: z.array(place),
    width: z.number().int().min(0),
    unknown: z.union([z.enum(["error", "zeros"]), place]),
  });
  return z.strictObject({ kind: z.literal("one_hot_encoder"), columns: z.array(column) });
};

export const createOneHotEncoder: CreateStep<OneHotEncoderStep> = ({ kind, columns: encoders }, inputs, report) => {
  assertLength(encoders, inputs.length, ["columns"], report);
  const pairs = inputs
    .slice(0, encoders.length)
    .map((input, index) => ({ input, encoder: encoders[index] as OneHotColumn }));
  const columns = pairs.map(({ input, encoder }, index) => {
    const path = ["columns", index];
    assertLength(encoder.places, encoder.categories.length, [...path, "places"], report);
    const beyond = encoder.places.findIndex((place) => place >= encoder.width);
    if (beyond !== -1)
      report(
        [...path, "places", beyond],
        `expected less than the width ${encoder.width}, got ${encoder.places[beyond]}`,
      );
    if (typeof encoder.unknown === "number" && encoder.unknown >= encoder.width) {
      report([...path, "unknown"], `expected less than the width ${encoder.width}, got ${encoder.unknown}`);
    }
    const lookup = createLookup(encoder.categories, input, [...path, "categories"], report);
    return { ...encoder, input, lookup };
  });
  return {
    outputs: pairs.flatMap(({ input, encoder }) => outputsOf(encoder, input)),
    apply: (values) => {
      assertFinite(values, inputs, kind, "missing passes");
      return columns.flatMap(({ input, lookup, places, width, unknown }, index) => {
        const outputs = Array.from({ length: width }, () => new Float64Array(values[0]?.length ?? 0));
        for (const [row, category] of categoryRows(values[index] ?? [], lookup)) {
          const place = category === undefined ? unknown : places[category];
          if (place === "error") throw new RowFault(row, input, lookup.expected);
          const output = typeof place === "number" ? outputs[place] : undefined;
          if (output !== undefined) output[row] = 1;
        }
        return outputs;
      });
    },
  };
};

/** Named after the first category of each place; that of several infrequent ones ends in `…`. */
function outputsOf({ categories, places, width }: OneHotColumn, input: ColumnKind): ColumnKind[] {
  return Array.from({ length: width }, (_, place) => {
    const first = places.indexOf(place);
    const more = places.indexOf(place, first + 1) === -1 ? "" : "…";
    return { type: "number", name: `${input.name}=${categories[first] ?? "null"}${more}`, fields: input.fields };
  });
}
