import type { Datatype } from "../tensor/datatype.ts";
import type { JsonObject } from "../tensor/json-value.ts";
import type { TensorSpec } from "../tensor/tensor.ts";
import type { TabularSpecification } from "./specification.ts";

type Answer = TabularSpecification["answer"];

/**
 * Class probabilities → what a client reads, one object a row. With a threshold `{"churn_probability": 0.64, "churn": true}`:
 * the second class's probability and whether it reaches the threshold; without one the likeliest class and its probability.
 */
export function responseRows(probabilities: readonly (readonly number[])[], answer: Answer): JsonObject[] {
  const { name, classes, threshold } = answer;
  return probabilities.map((row) => {
    const place = threshold === undefined ? likeliest(row) : 1;
    const probability = row[place] as number;
    const decision = threshold === undefined ? (classes[place] ?? null) : probability >= threshold;
    return { [`${name}_probability`]: probability, [name]: decision };
  });
}

/** Place of the largest probability; the first of equals, as numpy's argmax. */
function likeliest(probabilities: readonly number[]): number {
  return probabilities.reduce((best, value, place) => (value > (probabilities[best] as number) ? place : best), 0);
}

/** The columns that V2 clients get for `responseRows`. */
export function responseSpecs(answer: Answer): TensorSpec[] {
  return [
    { name: `${answer.name}_probability`, datatype: "FP64", shape: [-1] },
    { name: answer.name, datatype: decisionDatatype(answer), shape: [-1] },
  ];
}

function decisionDatatype({ classes, threshold }: Answer): Datatype {
  if (threshold !== undefined || classes.every((candidate) => typeof candidate === "boolean")) return "BOOL";
  if (classes.every(Number.isSafeInteger)) return "INT64";
  return classes.every((candidate) => typeof candidate === "number") ? "FP64" : "BYTES";
}
