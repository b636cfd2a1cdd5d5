import {
  parseTabularSpecification,
  type TabularSpecification,
  type VectorizerSpecification,
} from "kserve-transformer/tabular";

/** A specification of these features with the defaults of the file, and what a test changes. */
export function specificationOf(
  features: readonly string[],
  changes: Partial<VectorizerSpecification> = {},
): VectorizerSpecification {
  const answer = { name: "churn", classes: [false, true], threshold: 0.5 };
  const file = { version: 1, vectorizer: { feature_names: features }, answer, ...changes };
  return ofVersion1(parseTabularSpecification(JSON.stringify(file), "test.json"));
}

export function ofVersion1(specification: TabularSpecification): VectorizerSpecification {
  if (specification.version !== 1) throw new Error(`expected version 1, got ${specification.version}`);
  return specification;
}
