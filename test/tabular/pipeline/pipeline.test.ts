import { createTensor } from "kserve-transformer";
import { createLinearModel, createVectorizer, responseRows } from "kserve-transformer/tabular";
import { testTransformer, v2Request } from "kserve-transformer/testing";
import { TabularTransformer } from "../../../transformers/tabular/transformer.ts";
import { churnPipeline } from "./churn-pipeline.ts";

const transform = (...records: object[]) => createVectorizer(churnPipeline()).transform(records as never);

test("records become the vectors of the branches, side by side", () => {
  expect(transform({ age: 30, city: "Rome", vip: true }, { age: null, city: "Paris", vip: false })).toEqual([
    [-1, -0.5, 0, 0, 1, 1],
    [0, 1.5, 0, 0, 0, 0],
  ]);
  expect(createVectorizer(churnPipeline()).featureNames).toEqual([
    "age",
    "age is missing",
    "city=Köln",
    "city=Oslo",
    "city=Rome",
    "vip=1",
  ]);
});

test("null, NaN and an absent field are one thing: missing", () => {
  const [vector] = transform({ age: null, city: null, vip: true });
  expect(transform({ vip: true }, { age: Number.NaN, vip: true })).toEqual([vector, vector]);
});

test("fields that no step reads, and the order of fields, change nothing", () => {
  expect(transform({ vip: true, extra: {}, city: "Rome", age: 30 })).toEqual([[-1, -0.5, 0, 0, 1, 1]]);
  expect(transform()).toEqual([]);
});

test("the class is decided by the score, and its probability stands beside it", () => {
  const specification = churnPipeline();
  const said = createLinearModel(specification).predict(transform({ age: 30, city: "Rome", vip: true }, { vip: true }));
  const [first, second] = responseRows(said, specification.answer);
  // Scores 1 * -1 + 2 * -0.5 + 0.25 + 1 - 0.5 = -1.25, and 3.
  expect(first).toEqual({ churn_probability: 1 - 1 / (1 + Math.exp(1.25)), churn: "stays" });
  expect(second).toEqual({ churn_probability: 1 / (1 + Math.exp(-3)), churn: "leaves" });
});

test.each([
  ["text for a number", { age: "30", vip: true }, 'age: expected a number, got the string "30"'],
  ["an array for a number", { age: [1, 2], vip: true }, "age: expected a number, got an array of 2 values"],
  ["a number for text", { city: 3, vip: true }, "city: expected text, got 3"],
  ["a number for a boolean", { vip: 1 }, "vip: expected true or false, got 1"],
  ["an unknown category", { vip: null }, "vip: expected one of false, true, got null"],
])("%s is a 400 that names row, field, what was expected and what came", async (_, record, message) => {
  const tested = testTransformer(new TabularTransformer(churnPipeline()));
  const { status, json } = await tested.predict({ instances: [{ vip: true }, { vip: false }, record] });
  await tested.close();
  expect(status).toBe(400);
  expect(json).toMatchObject({ error: `instances[2].${message}` });
});

test("a V2 client sends columns, gets columns, and a fault is named as it wrote it", async () => {
  const tested = testTransformer(new TabularTransformer(churnPipeline()));
  const city = createTensor("city", "BYTES", [2], [Buffer.from("Rome"), Buffer.from("Oslo")]);
  const age = createTensor("age", "INT64", [2, 1], BigInt64Array.of(30n, 40n));
  const { outputs } = await tested.predict(
    v2Request([age, city, createTensor("vip", "BOOL", [2], Uint8Array.of(1, 0))]),
  );
  expect(outputs.map(({ name, datatype, shape }) => [name, datatype, shape])).toEqual([
    ["churn_probability", "FP64", [2]],
    ["churn", "BYTES", [2]],
  ]);
  const refused = await tested.predict(v2Request([age, city]));
  expect(refused.json).toMatchObject({ error: "inputs.vip[0]: expected one of false, true, got null" });
  await tested.close();
});

test("without the model a predictor gets the vectors", async () => {
  const specification = churnPipeline({ model: undefined });
  const tested = testTransformer(new TabularTransformer(specification), { predictor: { predictions: [[0.25, 0.75]] } });
  const { predictions } = await tested.predict({ instances: [{ age: 30, city: "Rome", vip: true }] });
  expect(tested.sent[0]?.instances).toEqual([[-1, -0.5, 0, 0, 1, 1]]);
  expect(predictions).toEqual([{ churn_probability: 0.75, churn: "leaves" }]);
  await tested.close();
});

test("a missing value that no step fills is refused by the model that would score it", () => {
  const steps = [{ kind: "columns", branches: [{ columns: [0] }] }];
  const model = { coefficients: [[1]], intercepts: [0], link: "logistic" };
  const vectorizer = createVectorizer(churnPipeline({ steps, model }));
  expect(() => vectorizer.transform([{ age: 1 }, {}])).toThrow(
    "instances[1].age: expected a number, the model takes no missing value, got null",
  );
});

test("bins and products are named after what they are made of, and a fault names the first field", () => {
  const specification = churnPipeline({
    columns: [
      { name: "age", type: "number" },
      { name: "height", type: "number" },
    ],
    steps: [
      {
        kind: "columns",
        branches: [
          { columns: [0], steps: [{ kind: "k_bins_discretizer", edges: [[18, 65]], encode: "onehot" }] },
          { columns: [0, 1], steps: [{ kind: "polynomial_features", degree: [2, 2], include_bias: true }] },
        ],
      },
    ],
    model: undefined,
  });
  const { featureNames, transform: vectors } = createVectorizer(specification);
  const bins = ["age<18", "age=[18, 65)", "age≥65"];
  expect(featureNames).toEqual([...bins, "1", "age^2", "age*height", "height^2"]);
  expect(vectors([{ age: 18, height: 2 }])).toEqual([[0, 1, 0, 1, 324, 36, 4]]);
  expect(() => vectors([{ age: 18 }])).toThrow(
    "instances[0].height: expected a number, polynomial_features takes no missing value, got null",
  );
});
