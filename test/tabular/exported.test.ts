import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  createLinearModel,
  createVectorizer,
  parseTabularSpecification,
  type TabularRecord,
} from "kserve-transformer/tabular";

interface Case {
  readonly name: string;
  readonly records: readonly TabularRecord[];
  readonly expected: readonly (readonly number[])[];
  readonly specification: unknown;
}

/** What export_sklearn.py wrote of fitted pipelines, and what their predict_proba gave. */
const cases = JSON.parse(
  readFileSync(fileURLToPath(new URL("../fixtures/tabular/exported.json", import.meta.url)), "utf8"),
) as readonly Case[];

test.each(cases.map((each) => [each.name, each] as const))("%s", (_name, { records, expected, specification }) => {
  const parsed = parseTabularSpecification(JSON.stringify(specification), "exported.json");
  const ours = createLinearModel(parsed).probabilities(createVectorizer(parsed).transform(records));
  const distances = ours.flatMap((row, index) =>
    row.map((value, place) => Math.abs(value - (expected[index]?.[place] ?? Number.NaN))),
  );
  expect(Math.max(...distances)).toBeLessThan(1e-12);
});
