import type { Datatype } from "../tensor/datatype.ts";
import type { JsonObject } from "../tensor/json-value.ts";
import type { TensorSpec } from "../tensor/tensor.ts";
import type { PipelineAnswer } from "./answer.ts";
import type { PredictorResponse } from "./predictor-response.ts";
import type { TabularSpecification } from "./specification.ts";

/**
 * What a model says of each row → what a client reads, one object a row. With a threshold `{"churn_probability": 0.64, "churn": true}`:
 * the second class's probability and whether it reaches the threshold; without one the likeliest class and its probability.
 * Classes alone are `{"churn": "leaves"}`, numbers `{"price": 12.5}`.
 */
export function responseRows(response: PredictorResponse, answer: PipelineAnswer): JsonObject[] {
  const { name, classes = [], threshold } = answer;
  if (response.kind === "values") return response.values.map((value) => ({ [name]: value }));
  if (response.kind === "classes") return response.classes.map((place) => ({ [name]: classes[place] ?? null }));
  return response.probabilities.map((row, index) => {
    const place = threshold === undefined ? (response.classes?.[index] ?? likeliest(row)) : 1;
    const probability = row[place] as number;
    const decision = threshold === undefined ? (classes[place] ?? null) : probability >= threshold;
    return { [`${name}_probability`]: probability, [name]: decision };
  });
}

/** Place of the largest probability; the first of equals, as numpy's argmax. */
function likeliest(probabilities: readonly number[]): number {
  return probabilities.reduce((best, value, place) => (value > (probabilities[best] as number) ? place : best), 0);
}

/** The columns that V2 clients get for `responseRows`; for numbers, and for a model that gives labels alone, there is one. */
export function responseSpecs({ answer, model }: TabularSpecification): TensorSpec[] {
  const { name, classes } = answer;
  const decision: TensorSpec = { name, datatype: decisionDatatype(answer), shape: [-1] };
  if (classes === undefined || (model !== undefined && "link" in model && model.link === "label")) return [decision];
  return [{ name: `${name}_probability`, datatype: "FP64", shape: [-1] }, decision];
}

function decisionDatatype({ classes, threshold }: PipelineAnswer): Datatype {
  if (classes === undefined) return "FP64";
  if (threshold !== undefined || classes.every((candidate) => typeof candidate === "boolean")) return "BOOL";
  if (classes.every(Number.isSafeInteger)) return "INT64";
  return classes.every((candidate) => typeof candidate === "number") ? "FP64" : "BYTES";
}
