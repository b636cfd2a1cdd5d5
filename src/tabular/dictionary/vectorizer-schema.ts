import { z } from "zod";
import { answerSchema, predictorSchema, thresholdFaults } from "../answer-schema.ts";
import { scalersOf, type VectorizerSpecification } from "./vectorizer-specification.ts";

/** Form of the file, and the lengths that must agree. */
export function createVectorizerSchema(): z.ZodType<VectorizerSpecification> {
  const values = z.array(z.number()).min(1);
  const standard = z.strictObject({
    kind: z.literal("standard"),
    mean: values.optional(),
    scale: values.optional(),
    sparse: z.boolean().optional(),
  });
  const minMax = z.strictObject({
    kind: z.literal("min_max"),
    scale: values,
    min: values,
    clip: z.tuple([z.number(), z.number()]).optional(),
  });
  const scaler = z.discriminatedUnion("kind", [standard, minMax], { error: 'expected "standard" or "min_max"' });
  const specification = z.strictObject({
    version: z.literal(1),
    vectorizer: z.strictObject({
      feature_names: z.array(z.string()).min(1),
      separator: z.string().min(1).default("="),
      dtype: z.enum(["float64", "float32"]).default("float64"),
    }),
    scaler: scaler.optional(),
    scalers: z.array(scaler).min(2).optional(),
    model: z
      .strictObject({
        coefficients: z.array(values).min(1),
        intercepts: values,
        multi_class: z.enum(["multinomial", "one_vs_rest"]).optional(),
      })
      .optional(),
    probabilities: z.enum(["predictor", "coefficients"]).default("predictor"),
    predictor: predictorSchema(),
    answer: answerSchema(),
    records: z.enum(["checked", "as_scikit_learn"]).default("checked"),
  });
  return specification.superRefine((value, context) => {
    for (const { path, message } of contradictions(value)) context.addIssue({ code: "custom", path, message });
  });
}

interface Contradiction {
  readonly path: (string | number)[];
  readonly message: string;
}

/** What no member shows alone: lengths that differ, a feature that is there twice, a member that needs another. */
function contradictions(specification: VectorizerSpecification): Contradiction[] {
  const { vectorizer, scaler, scalers, model, answer, probabilities } = specification;
  const found: Contradiction[] = [];
  const expectLength = (path: (string | number)[], list: readonly unknown[] | undefined, length: number): void => {
    if (list === undefined || list.length === length) return;
    found.push({ path, message: `expected ${length} values, got ${list.length}` });
  };

  const names = vectorizer.feature_names;
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (seen.has(name))
      found.push({ path: ["vectorizer", "feature_names", index], message: `'${name}' is there twice` });
    seen.add(name);
  }
  if (scaler !== undefined && scalers !== undefined) {
    found.push({ path: ["scalers"], message: "give 'scaler' or 'scalers', not both" });
  }
  const isSparse = scalersOf(specification).some((each) => each.kind === "standard" && each.sparse === true);
  for (const [index, each] of scalersOf(specification).entries()) {
    const path = scalers === undefined ? ["scaler"] : ["scalers", index];
    expectLength([...path, "scale"], each.scale, names.length);
    if (each.kind === "standard") expectLength([...path, "mean"], each.mean, names.length);
    if (each.kind === "min_max") expectLength([...path, "min"], each.min, names.length);
    if (isSparse && (each.kind === "min_max" || each.mean !== undefined || each.sparse !== true)) {
      found.push({ path, message: "a sparse matrix has only standard scalers that are sparse and have no mean" });
    }
  }

  const rows = answer.classes.length === 2 ? 1 : answer.classes.length;
  expectLength(["model", "coefficients"], model?.coefficients, rows);
  expectLength(["model", "intercepts"], model?.intercepts, rows);
  for (const [index, row] of model?.coefficients.entries() ?? []) {
    expectLength(["model", "coefficients", index], row, names.length);
  }
  if (probabilities === "coefficients" && model === undefined) {
    found.push({ path: ["probabilities"], message: "'coefficients' needs the member 'model'" });
  }
  found.push(...thresholdFaults(answer));
  return found;
}
