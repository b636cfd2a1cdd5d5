import { responseRows, responseSpecs } from "kserve-transformer/tabular";
import { specificationOf } from "./specification-of.ts";

test("a threshold decides, and the second class's probability stands beside it", () => {
  const answer = { name: "churn", classes: [false, true], threshold: 0.5 };
  expect(
    responseRows(
      {
        kind: "probabilities",
        probabilities: [
          [0.36, 0.64],
          [0.5, 0.5],
          [0.51, 0.49],
        ],
      },
      answer,
    ),
  ).toEqual([
    { churn_probability: 0.64, churn: true },
    { churn_probability: 0.5, churn: true },
    { churn_probability: 0.49, churn: false },
  ]);
});

test("without a threshold the likeliest class is named, the first of equals", () => {
  const answer = { name: "species", classes: ["setosa", "versicolor", "virginica"] };
  expect(
    responseRows(
      {
        kind: "probabilities",
        probabilities: [
          [0.1, 0.7, 0.2],
          [0.4, 0.4, 0.2],
        ],
      },
      answer,
    ),
  ).toEqual([
    { species_probability: 0.7, species: "versicolor" },
    { species_probability: 0.4, species: "setosa" },
  ]);
});

test.each([
  [{ name: "churn", classes: ["no", "yes"], threshold: 0.5 }, "BOOL"],
  [{ name: "churn", classes: [false, true] }, "BOOL"],
  [{ name: "churn", classes: ["no", "yes"] }, "BYTES"],
  [{ name: "stars", classes: [1, 2, 3] }, "INT64"],
  [{ name: "stars", classes: [1, 2.5, 3] }, "FP64"],
])("V2 clients get %j as a %s column beside an FP64 one", (answer, datatype) => {
  expect(responseSpecs({ ...specificationOf(["age"]), answer })).toEqual([
    { name: `${answer.name}_probability`, datatype: "FP64", shape: [-1] },
    { name: answer.name, datatype, shape: [-1] },
  ]);
});
