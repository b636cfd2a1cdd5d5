import { parseTabularSpecification, type TabularSpecification } from "kserve-transformer/tabular";

/** A specification of these features with the defaults of the file, and what a test changes. */
export function specificationOf(
  features: readonly string[],
  changes: Partial<TabularSpecification> = {},
): TabularSpecification {
  const answer = { name: "churn", classes: [false, true], threshold: 0.5 };
  const file = { version: 1, vectorizer: { feature_names: features }, answer, ...changes };
  return parseTabularSpecification(JSON.stringify(file), "test.json");
}
