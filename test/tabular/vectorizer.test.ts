import { readFileSync } from "node:fs";
import { createVectorizer, parseTabularSpecification, type VectorizerSpecification } from "kserve-transformer/tabular";
import { specificationOf } from "./specification-of.ts";

const CHURN = new URL("../../examples/churn/", import.meta.url);
const readJson = (name: string) => JSON.parse(readFileSync(new URL(name, CHURN), "utf8"));

// The values below are those of scikit-learn 1.9.1 for these features and records.
const FEATURES = ["age", "city=Köln", "city=Oslo", "city=Rome", "tags=a", "tags=b"];
const RECORDS = [
  { age: 25, city: "Köln", tags: ["a", "a"] },
  { city: "Paris" },
  { age: true, city: null, tags: [] },
  { age: 99, city: "Oslo", tags: ["b"] },
];
const VECTORS = [
  [25, 1, 0, 0, 2, 0],
  [0, 0, 0, 0, 0, 0],
  [1, 0, 0, 0, 0, 0],
  [99, 0, 1, 0, 0, 1],
];

const transform = (changes: Partial<VectorizerSpecification>, records: readonly object[] = RECORDS) =>
  createVectorizer(specificationOf(FEATURES, changes)).transform(records as never);

test("records become the vectors of scikit-learn's DictVectorizer", () => {
  expect(transform({})).toEqual(VECTORS);
});

test("the churn example's customers become the vectors that Python computed", () => {
  const specification = parseTabularSpecification(
    JSON.stringify({
      version: 1,
      vectorizer: { feature_names: readJson("vectorizer.json").feature_names },
      answer: { name: "churn", classes: [false, true] },
    }),
    "churn.json",
  );
  const vectorizer = createVectorizer(specification);
  expect(vectorizer.transform(readJson("customers.json"))).toEqual(readJson("expected.json").vectors);
});

test("null is NaN where the feature is a number, and nothing where it is a category", () => {
  expect(transform({}, [{ age: null, city: null }])).toEqual([[Number.NaN, 0, 0, 0, 0, 0]]);
});

test("a number as text, an unknown category and an unknown field are left out", () => {
  expect(transform({}, [{ age: "25", city: "oslo", height: 180, "": "x", __proto__x: 1 }])).toEqual([
    [0, 0, 0, 0, 0, 0],
  ]);
});

test("a field that is named like a category adds to it", () => {
  expect(transform({}, [{ "city=Oslo": 2.5, city: "Oslo" }])).toEqual([[0, 0, 3.5, 0, 0, 0]]);
});

test("composed and decomposed letters are different categories", () => {
  expect(transform({}, [{ city: "Ko\u0308ln" }])).toEqual([[0, 0, 0, 0, 0, 0]]);
});

test("an integer beyond 2^53 is rounded to the nearest double, as Python's float does", () => {
  expect(transform({}, [{ age: 12345678901234567891n }])).toEqual([[12345678901234567000, 0, 0, 0, 0, 0]]);
});

test("another separator is used where the specification names one", () => {
  const specification = specificationOf(["city::Oslo", "city=Oslo"], {});
  const vectorizer = createVectorizer({
    ...specification,
    vectorizer: { ...specification.vectorizer, separator: "::" },
  });
  expect(vectorizer.transform([{ city: "Oslo" }])).toEqual([[1, 0]]);
});

test("float32 vectors hold what a float32 holds", () => {
  const specification = specificationOf(["a"], {});
  const vectorizer = createVectorizer({
    ...specification,
    vectorizer: { ...specification.vectorizer, dtype: "float32" },
  });
  expect(vectorizer.transform([{ a: 0.1 }])).toEqual([[Math.fround(0.1)]]);
});

test("a sparse matrix is multiplied by 1 / scale, each of its entries before they are added up", () => {
  const scale = [10.990096055254064, 0.4714045225471504, 0.4714045225471504];
  const specification = specificationOf(["age", "tags=a", "tags=b"], {
    scaler: { kind: "standard", scale, sparse: true },
  });
  const rows = [
    { age: 33.3, tags: ["a"] },
    { age: 58.1, tags: ["b", "b", "b"] },
  ];
  const vectorizer = createVectorizer({
    ...specification,
    vectorizer: { ...specification.vectorizer, dtype: "float32" },
  });
  // Of scikit-learn 1.9.1; 3 / scale is 6.363961219787598.
  expect(vectorizer.transform(rows)).toEqual([
    [3.030000686645508, 2.1213202476501465, 0],
    [5.2865777015686035, 0, 6.3639607429504395],
  ]);
});

describe("scaling", () => {
  const mean = [40.875, 0.25, 0.5, 0.25, 0.5, 0.5];
  const scale = [19.080012447585037, 0.4330127018922193, 0.5, 0.4330127018922193, 0.5, 0.5];

  test("standard scaling gives scikit-learn's numbers to the last bit", () => {
    expect(transform({ scaler: { kind: "standard", mean, scale } })[0]).toEqual([
      -0.83202251799418, 1.7320508075688774, -1.0, -0.5773502691896258, 3.0, -1.0,
    ]);
  });

  test("standard scaling without a mean divides alone", () => {
    expect(transform({ scaler: { kind: "standard", scale } })[3]).toEqual([5.188675860247169, 0, 2, 0, 0, 2]);
  });

  test("standard scaling without a scale subtracts alone", () => {
    expect(transform({ scaler: { kind: "standard", mean } })[0]).toEqual([-15.875, 0.75, -0.5, -0.25, 1.5, -0.5]);
  });

  test("min-max scaling gives scikit-learn's numbers to the last bit", () => {
    const scaler = {
      kind: "min_max",
      scale: [0.019417475728155338, 1, 1, 1, 1, 1],
      min: [-0.35922330097087374, 0, 0, 0, 0, 0],
    } as const;
    expect(transform({ scaler })[3]).toEqual([1.5631067961165046, 0, 1, 0, 0, 1]);
  });

  test("min-max scaling with clip cuts to the feature range", () => {
    const scale = [0.038834951456310676, 2, 2, 2, 2, 2];
    const scaler = { kind: "min_max", scale, min: [-1.7184466019417475, -1, -1, -1, -1, -1], clip: [-1, 1] } as const;
    expect(transform({ scaler })).toEqual([
      [-0.7475728155339806, 1, -1, -1, 1, -1],
      [-1, -1, -1, -1, -1, -1],
      [-1, -1, -1, -1, -1, -1],
      [1, -1, 1, -1, -1, 1],
    ]);
  });

  test.each<[NonNullable<VectorizerSpecification["scaler"]>, number[]]>([
    [{ kind: "standard", mean, scale }, [3.0463814735412598, -0.5773502588272095, 1, -0.5773502588272095, -1, 1]],
    [
      { kind: "min_max", scale: [0.019417475728155338, 1, 1, 1, 1, 1], min: [-0.35922330097087374, 0, 0, 0, 0, 0] },
      [1.563106894493103, 0, 1, 0, 0, 1],
    ],
  ])("float32 vectors are scaled in float32: $kind", (scaler, expected) => {
    const specification = specificationOf(FEATURES, { scaler });
    const vectorizer = createVectorizer({
      ...specification,
      vectorizer: { ...specification.vectorizer, dtype: "float32" },
    });
    expect(vectorizer.transform(RECORDS.slice(3) as never)).toEqual([expected]);
  });
});
