import { churnPipeline } from "./churn-pipeline.ts";

const scaler = (members: object) => ({ kind: "standard_scaler", ...members });
const onAge = (...steps: object[]) => ({
  steps: [{ kind: "columns", branches: [{ columns: [0], steps }] }],
  model: undefined,
});
const encoder = (members: object) => ({
  kind: "one_hot_encoder",
  columns: [{ categories: [1, 2], places: [0, 1], width: 2, unknown: "error", ...members }],
});
const AT = "steps[0].branches[0].steps[0]";

test.each<[string, object, string]>([
  ["an unknown kind of step", onAge({ kind: "pca" }), `${AT}.kind`],
  ["a step with a wrong member", onAge(scaler({ mean: "1" })), `${AT}.mean: expected array, got the string "1"`],
  ["a member that is not known", onAge(scaler({ means: [1] })), `${AT}.means: no such member`],
  ["a scaler of another length", onAge(scaler({ scale: [1, 2] })), `${AT}.scale: expected 1 values, got 2`],
  [
    "a column that is not there",
    { steps: [{ kind: "columns", branches: [{ columns: [3] }] }] },
    "columns[0]: there are 3 columns, got 3",
  ],
  ["text in a scaler", { steps: [scaler({})] }, "steps[0]: standard_scaler takes numbers, the column 'city' is text"],
  [
    "a text among numbers",
    onAge(encoder({ categories: [1, "2"] })),
    `${AT}.columns[0].categories[1]: expected a number, since the column 'age' is number`,
  ],
  ["a category twice", onAge(encoder({ categories: [1, 1] })), `${AT}.columns[0].categories[1]: 1 is there twice`],
  [
    "a place beyond the width",
    onAge(encoder({ width: 1 })),
    `${AT}.columns[0].places[1]: expected less than the width 1, got 1`,
  ],
  [
    "a text to fill numbers with",
    onAge({ kind: "simple_imputer", statistics: ["x"] }),
    `${AT}.statistics[0]: expected a number`,
  ],
  [
    "an indicator of no column",
    onAge({ kind: "simple_imputer", statistics: [1], indicators: [1] }),
    `${AT}.indicators[0]: there are 1 columns, got 1`,
  ],
  [
    "a code too many",
    onAge({ kind: "ordinal_encoder", columns: [{ categories: [1], codes: [0, 1], unknown: null }] }),
    `${AT}.columns[0].codes: expected 1 values, got 2`,
  ],
  [
    "a range from its upper end",
    onAge({ kind: "min_max_scaler", scale: [1], min: [0], clip: [1, 0] }),
    `${AT}.clip: expected the lower bound first, got 1 and 0`,
  ],
  ["a scale too many", onAge({ kind: "max_abs_scaler", scale: [1, 2] }), `${AT}.scale: expected 1 values, got 2`],
  ["a center too many", onAge({ kind: "robust_scaler", center: [1, 2] }), `${AT}.center: expected 1 values, got 2`],
  ["a norm that is none", onAge({ kind: "normalizer", norm: "l3" }), `${AT}.norm`],
  [
    "edges that fall",
    onAge({ kind: "k_bins_discretizer", edges: [[1, 3, 2]], encode: "ordinal" }),
    `${AT}.edges[0][2]: expected edges that rise, 2 is less than before`,
  ],
  [
    "degrees from the upper one",
    onAge({ kind: "polynomial_features", degree: [3, 2] }),
    `${AT}.degree: expected the least degree first, got 3 and 2`,
  ],
  [
    "products without end",
    onAge(
      { kind: "k_bins_discretizer", edges: [Array.from({ length: 99 }, (_, edge) => edge)], encode: "onehot" },
      { kind: "polynomial_features", degree: [1, 64] },
    ),
    "steps[1].degree: 100 columns have more than 100000 products",
  ],
  ["text after the last step", { steps: [] }, "the column 'city' is text after the last step"],
  [
    "a column twice",
    {
      columns: [
        { name: "a", type: "text" },
        { name: "a", type: "text" },
      ],
    },
    "columns[1].name: 'a' is there twice",
  ],
  [
    "coefficients of another length",
    { model: { coefficients: [[1]], intercepts: [0], link: "logistic" } },
    "model.coefficients[0]: expected 6 values, got 1",
  ],
  [
    "classes beside a number",
    { model: { coefficients: [[1, 1, 1, 1, 1, 1]], intercepts: [0], link: "value" } },
    "model.link: 'value' needs no classes",
  ],
  [
    "a threshold without probabilities",
    {
      model: { coefficients: [[1, 1, 1, 1, 1, 1]], intercepts: [0], link: "label" },
      answer: { name: "a", classes: [0, 1], threshold: 0.5 },
    },
    "answer.threshold: a threshold needs probabilities",
  ],
  [
    "a threshold without classes",
    { model: undefined, answer: { name: "a", threshold: 0.5 } },
    "answer.threshold: a threshold decides between 2 classes, got none",
  ],
])("%s is told with its place", (_, changes, message) => {
  expect(() => churnPipeline(changes)).toThrow(message);
});
