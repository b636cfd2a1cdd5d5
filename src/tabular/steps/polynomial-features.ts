import { z } from "zod";
import {
  assertFinite,
  assertNumbers,
  type Column,
  type ColumnKind,
  type CreateStep,
  fieldsOf,
  type StepSchema,
} from "./step.ts";

/** scikit-learn's PolynomialFeatures: products of columns, in its order. */
export interface PolynomialFeaturesStep {
  readonly kind: "polynomial_features";
  /** Least and most factors of a product. */
  readonly degree: readonly [least: number, most: number];
  /** No column is in a product twice. */
  readonly interaction_only?: boolean | undefined;
  /** A column of ones stands first. */
  readonly include_bias?: boolean | undefined;
  /** The rows are sparse: scikit-learn then multiplies from the first factor on, else from the last one. */
  readonly sparse?: boolean | undefined;
}

export const polynomialFeaturesSchema = (): StepSchema<PolynomialFeaturesStep> => {
  const degree = z.number().int().min(0).max(MAX_DEGREE);
  return z.strictObject({
    kind: z.literal("polynomial_features"),
    degree: z.tuple([degree, degree]),
    interaction_only: z.boolean().optional(),
    include_bias: z.boolean().optional(),
    sparse: z.boolean().optional(),
  });
};

/** More factors are no feature of anything. */
const MAX_DEGREE = 64;

/** Products of one step: more would only fill memory. */
const MAX_PRODUCTS = 100_000;

export const createPolynomialFeatures: CreateStep<PolynomialFeaturesStep> = (specification, inputs, report) => {
  const { kind, degree, include_bias, sparse } = specification;
  assertNumbers(inputs, kind, report);
  if (degree[0] > degree[1]) report(["degree"], `expected the least degree first, got ${degree.join(" and ")}`);
  const products: (readonly number[])[] = include_bias === true ? [[]] : [];
  for (const product of productsOf(inputs.length, specification)) {
    if (products.length === MAX_PRODUCTS) {
      report(["degree"], `${inputs.length} columns have more than ${MAX_PRODUCTS} products`);
      break;
    }
    products.push(product);
  }
  const multiply = sparse === true ? multiplySparse : multiplyDense;
  return {
    outputs: products.map((product): ColumnKind => {
      const factors = product.map((place) => inputs[place] as ColumnKind);
      return { type: "number", name: nameOf(factors), fields: fieldsOf(factors) };
    }),
    apply: (columns) => {
      assertFinite(columns, inputs, kind, "missing is refused");
      const rows = columns[0]?.length ?? 0;
      return products.map((product): Column => {
        const factors = product.map((place) => columns[place] as Float64Array);
        return Float64Array.from({ length: rows }, (_, row) => multiply(factors, row));
      });
    },
  };
};

/** Places of the factors: by degree, then as Python's itertools combines them. */
function* productsOf(
  columns: number,
  { degree: [least, most], interaction_only }: PolynomialFeaturesStep,
): Generator<readonly number[]> {
  const step = interaction_only === true ? 1 : 0;
  const longest = interaction_only === true ? Math.min(most, columns) : most;
  for (let factors = Math.max(1, least); factors <= longest; factors++) yield* combine(factors, 0);

  function* combine(factors: number, from: number): Generator<readonly number[]> {
    for (let first = from; first < columns; first++) {
      if (factors === 1) yield [first];
      else for (const others of combine(factors - 1, first + step)) yield [first, ...others];
    }
  }
}

function multiplyDense(factors: readonly Float64Array[], row: number): number {
  let product = 1;
  for (let i = factors.length - 1; i >= 0; i--) product *= factors[i]?.[row] as number;
  return product;
}

/** A factor of zero is not there: no product beside it becomes infinite before. */
function multiplySparse(factors: readonly Float64Array[], row: number): number {
  let product = 1;
  for (const factor of factors) {
    if (factor[row] === 0) return 0;
    product *= factor[row] as number;
  }
  return product;
}

/** `age`, `age^2*height`; `1` for the ones. */
function nameOf(factors: readonly ColumnKind[]): string {
  const counts = new Map<string, number>();
  for (const { name } of factors) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count === 1 ? name : `${name}^${count}`)).join("*") || "1";
}
