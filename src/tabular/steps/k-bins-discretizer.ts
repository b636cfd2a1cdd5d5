import { z } from "zod";
import {
  assertFinite,
  assertLength,
  assertNumbers,
  type Column,
  type ColumnKind,
  type CreateStep,
  type StepSchema,
} from "./step.ts";

/** scikit-learn's KBinsDiscretizer, whatever its strategy: the bin that a value lies in. */
export interface KBinsDiscretizerStep {
  readonly kind: "k_bins_discretizer";
  /** `bin_edges_` of each column without the first and the last: a value at an edge lies in the upper bin. */
  readonly edges: readonly (readonly number[])[];
  /** The bin's number, or a column of 0 and 1 for each bin. */
  readonly encode: "ordinal" | "onehot";
}

export const kBinsDiscretizerSchema = (): StepSchema<KBinsDiscretizerStep> =>
  z.strictObject({
    kind: z.literal("k_bins_discretizer"),
    edges: z.array(z.array(z.number())),
    encode: z.enum(["ordinal", "onehot"]),
  });

export const createKBinsDiscretizer: CreateStep<KBinsDiscretizerStep> = ({ kind, edges, encode }, inputs, report) => {
  assertNumbers(inputs, kind, report);
  assertLength(edges, inputs.length, ["edges"], report);
  for (const [index, of] of edges.entries()) {
    const falling = of.findIndex((edge, place) => edge < (of[place - 1] ?? edge));
    if (falling !== -1)
      report(["edges", index, falling], `expected edges that rise, ${of[falling]} is less than before`);
  }
  const pairs = inputs.slice(0, edges.length).map((input, index) => ({ input, edges: edges[index] as number[] }));
  return {
    outputs: pairs.flatMap(({ input, edges }) => (encode === "ordinal" ? [numbered(input)] : binsOf(input, edges))),
    apply: (columns) => {
      assertFinite(columns, inputs, kind, "missing is refused");
      return pairs.flatMap(({ edges }, index): Column[] => {
        const bins = (columns[index] as Float64Array).map((value) => binOf(value, edges));
        if (encode === "ordinal") return [bins];
        return Array.from({ length: edges.length + 1 }, (_, bin) => bins.map((of) => (of === bin ? 1 : 0)));
      });
    },
  };
};

/** How many edges are at most the value (numpy's searchsorted, side right). */
function binOf(value: number, edges: readonly number[]): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function numbered({ name, fields }: ColumnKind): ColumnKind {
  return { type: "number", name, fields };
}

/** `age<18`, `age=[18, 65)`, `age≥65` */
function binsOf({ name, fields }: ColumnKind, edges: readonly number[]): ColumnKind[] {
  return Array.from({ length: edges.length + 1 }, (_, bin) => {
    const [from, to] = [edges[bin - 1], edges[bin]];
    const range =
      from === undefined ? (to === undefined ? "" : `<${to}`) : to === undefined ? `≥${from}` : `=[${from}, ${to})`;
    return { type: "number", name: `${name}${range}`, fields };
  });
}
