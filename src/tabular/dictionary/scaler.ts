import { type Scaler, scalersOf, type VectorizerSpecification } from "./vectorizer-specification.ts";

type Vector = Float64Array | Float32Array;

/**
 * Scales an entry of a sparse matrix as `StandardScaler` does: it multiplies by 1 / scale, in float64, and rounds to the matrix's
 * type. Entries of one feature are added up afterwards.
 */
export function createEntryScaler(
  specification: Pick<VectorizerSpecification, "scaler" | "scalers" | "vectorizer">,
): ((value: number, column: number) => number) | undefined {
  const round = specification.vectorizer.dtype === "float32" ? Math.fround : (value: number) => value;
  const factors = scalersOf(specification).flatMap((each) =>
    each.kind === "standard" && each.sparse === true && each.scale !== undefined
      ? [Float64Array.from(each.scale, (scale) => 1 / scale)]
      : [],
  );
  if (factors.length === 0) return undefined;
  return (value, column) => factors.reduce((scaled, by) => round(scaled * (by[column] as number)), round(value));
}

/**
 * Scales a vector in place, each step in the vector's own precision, as scikit-learn (1.9) does with dense vectors:
 * `StandardScaler` is (x - mean) / scale, `MinMaxScaler` is x * scale + min, then cut to `clip`; several one after the other.
 */
export function createScaler(
  specification: Pick<VectorizerSpecification, "scaler" | "scalers" | "vectorizer">,
): (vector: Vector) => void {
  const { dtype } = specification.vectorizer;
  const steps = scalersOf(specification).map((each) => createStep(each, dtype));
  return (vector) => {
    for (const step of steps) step(vector);
  };
}

function createStep(scaler: Scaler, dtype: VectorizerSpecification["vectorizer"]["dtype"]): (vector: Vector) => void {
  if (scaler.kind === "standard") {
    if (scaler.sparse === true) return () => {};
    // StandardScaler casts its numbers to the vector's type first, MinMaxScaler does not.
    const Elements = dtype === "float32" ? Float32Array : Float64Array;
    const mean = scaler.mean && Elements.from(scaler.mean);
    const scale = scaler.scale && Elements.from(scaler.scale);
    return (vector) => {
      if (mean !== undefined) apply(vector, mean, (value, by) => value - by);
      if (scale !== undefined) apply(vector, scale, (value, by) => value / by);
    };
  }
  const { scale, min, clip } = scaler;
  return (vector) => {
    apply(vector, scale, (value, by) => value * by);
    apply(vector, min, (value, by) => value + by);
    if (clip !== undefined) apply(vector, vector, (value) => Math.min(Math.max(value, clip[0]), clip[1]));
  };
}

function apply(vector: Vector, values: ArrayLike<number>, step: (value: number, by: number) => number): void {
  for (let i = 0; i < vector.length; i++) vector[i] = step(vector[i] as number, values[i] as number);
}
