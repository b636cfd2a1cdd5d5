import {
  createLinearModel,
  createVectorizer,
  parseTabularSpecification,
  type TabularRecord,
  type TabularSpecification,
} from "kserve-transformer/tabular";

/** What pipeline_frames.py wrote of one fitted pipeline; NaN is null. */
export interface PipelineCase {
  readonly name: string;
  /** False where scikit-learn sums a row in an order of its own. */
  readonly exact: boolean;
  readonly specification: unknown;
  readonly records: readonly TabularRecord[];
  readonly expected: readonly ("refused" | Expected)[];
}

interface Expected {
  readonly vector: readonly (number | null)[];
  readonly value?: number;
  readonly label?: string | number | boolean;
  readonly probabilities?: readonly number[];
}

/** Relative distance of a sum whose order is not ours. */
const SUM = 1e-14;
/** Relative distance of scores: products are added in the order of the machine's linear algebra. */
const SCORE = 1e-9;
/** Of the sum of the products' absolute values: the rounding of some hundred additions. */
const ROUNDED = 1e-13;

/** Fails where a record does not become what it becomes in scikit-learn: the same bits, or refused by both. */
export function expectAsScikitLearn({ exact, specification, records, expected }: PipelineCase): void {
  const parsed = parseTabularSpecification(JSON.stringify(specification), "exported.json");
  const vectorizer = createVectorizer(parsed);
  for (const [index, record] of records.entries()) {
    const wanted = expected[index] as "refused" | Expected;
    const vector = transformed(() => vectorizer.transform([record]));
    if (wanted === "refused" || vector === "refused") {
      expect([index, wanted === "refused" ? wanted : "taken"]).toEqual([
        index,
        vector === "refused" ? vector : "taken",
      ]);
      continue;
    }
    const bits = vector.map((value) => (Number.isNaN(value) ? null : value + 0));
    if (exact) expect(bits).toEqual(wanted.vector.map((value) => (value === null ? null : value + 0)));
    else expectClose(vector, wanted.vector, SUM);
    if (parsed.model !== undefined) expectSaid(parsed, vector, wanted);
  }
}

function transformed(transform: () => number[][]): readonly number[] | "refused" {
  try {
    return transform()[0] ?? [];
  } catch (error) {
    expect(String(error)).toMatch(/instances\[0\]\.\w+: /);
    return "refused";
  }
}

function expectSaid(specification: TabularSpecification, vector: readonly number[], wanted: Expected): void {
  const said = createLinearModel(specification).predict([[...vector]]);
  if (said.kind === "values") {
    // Coefficients that all but cancel each other out leave what rounding made of them.
    const [coefficients = []] = specification.model?.coefficients ?? [];
    const summed = coefficients.reduce((sum, each, place) => sum + Math.abs(each * (vector[place] ?? 0)), 0);
    expectClose(said.values, [wanted.value ?? null], SCORE, summed * ROUNDED);
    return;
  }
  const { classes = [] } = specification.answer;
  expect(classes[said.classes?.[0] ?? -1]).toEqual(wanted.label);
  if (wanted.probabilities === undefined) expect(said.kind).toBe("classes");
  else if (said.kind === "probabilities") expectClose(said.probabilities[0] ?? [], wanted.probabilities, SCORE);
}

function expectClose(
  ours: readonly number[],
  theirs: readonly (number | null)[],
  tolerance: number,
  smallest = 0,
): void {
  expect(ours).toHaveLength(theirs.length);
  const far = ours.filter((value, place) => {
    const other = theirs[place] ?? Number.NaN;
    return !(
      Object.is(value, other) || Math.abs(value - other) <= Math.max(smallest, tolerance * Math.max(1, Math.abs(other)))
    );
  });
  expect(far).toEqual([]);
}
