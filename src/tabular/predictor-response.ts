import { InferenceError } from "../errors.ts";
import type { InferResponse } from "../inference/infer-response.ts";
import { toNumbers } from "../tensor/elements/numeric-elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensorOf } from "../tensor/tensor.ts";
import type { ClassName } from "./answer.ts";
import type { TabularSpecification } from "./specification.ts";

/** What a predictor, or the specification's own model, said of each row. */
export type PredictorResponse =
  | {
      readonly kind: "probabilities";
      readonly probabilities: number[][];
      /** Places of the classes that the scores decide for, where they are known; else the likeliest. */
      readonly classes?: number[];
    }
  /** Places in the specification's `classes`. */
  | { readonly kind: "classes"; readonly classes: number[] }
  /** Of a regression. */
  | { readonly kind: "values"; readonly values: number[] };

/** Outputs that carry probabilities by their name: MLServer's, and those of models that skl2onnx wrote. */
const PROBABILITY_OUTPUTS = ["predict_proba", "probabilities", "output_probability"];

/**
 * Reads a classifier's response: an output [N, classes] holds probabilities; [N] or [N, 1] holds classes, or with
 * `single_value: "probability"` the second class's probability. Without classes in the specification each row is a number.
 * @throws InferenceError bad_gateway that says what came instead.
 */
export function readPredictorResponse(
  response: InferResponse,
  { predictor, answer }: Pick<TabularSpecification, "predictor" | "answer">,
): PredictorResponse {
  const tensor = selectOutput(response, predictor.output);
  const [rows, columns = 1, ...more] = tensor.shape;
  const { classes = [] } = answer;
  if (rows === undefined || more.length > 0 || (columns !== 1 && columns !== classes.length)) {
    const expected = `[N] or [N, ${classes.length === 0 ? 1 : classes.length}]`;
    throw unusable(`output '${tensor.name}': expected shape ${expected}, got [${tensor.shape.join(", ")}]`);
  }
  if (answer.classes === undefined) return { kind: "values", values: numbersOf(tensor) };
  if (columns > 1) {
    const numbers = numbersOf(tensor);
    const probabilities = Array.from({ length: rows }, (_, row) => numbers.slice(row * columns, (row + 1) * columns));
    return { kind: "probabilities", probabilities };
  }
  if (predictor.single_value === "probability") {
    return { kind: "probabilities", probabilities: numbersOf(tensor).map((value) => [1 - value, value]) };
  }
  return { kind: "classes", classes: valuesOf(tensor).map((value, row) => placeOf(value, classes, row)) };
}

function selectOutput(response: InferResponse, name: string | undefined): Tensor {
  const { outputs } = response;
  if (name !== undefined && outputs.some((output) => output.name === name)) return response.output(name);
  if (outputs.length === 1) return response.output();
  const known = PROBABILITY_OUTPUTS.find((candidate) => outputs.some((output) => output.name === candidate));
  return response.output(name ?? known);
}

function placeOf(value: ClassName, classes: readonly ClassName[], row: number): number {
  // Servers write the classes False and True as 0 and 1 or the other way round.
  const place = classes.findIndex((candidate) => candidate === value || isSameTruth(candidate, value));
  if (place !== -1) return place;
  const expected = classes.map((candidate) => JSON.stringify(candidate)).join(", ");
  throw unusable(`predictions[${row}]: expected one of the classes ${expected}, got ${JSON.stringify(value)}`);
}

function isSameTruth(one: ClassName, other: ClassName): boolean {
  return typeof one !== "string" && typeof other !== "string" && Number(one) === Number(other);
}

function valuesOf(tensor: Tensor): ClassName[] {
  if (isTensorOf(tensor, "BYTES")) return tensor.data.map((element) => Buffer.from(element).toString("utf8"));
  if (isTensorOf(tensor, "BOOL")) return Array.from(tensor.data, (element) => element !== 0);
  return numbersOf(tensor);
}

function numbersOf(tensor: Tensor): number[] {
  if (isTensorOf(tensor, "BYTES")) throw unusable(`output '${tensor.name}': expected numbers, got BYTES`);
  return toNumbers(tensor);
}

function unusable(message: string): InferenceError {
  return new InferenceError(`the predictor's response cannot be used: ${message}`, { code: "bad_gateway" });
}
