import { invalidArgument } from "../../../errors.ts";
import { InferRequest } from "../../../inference/infer-request.ts";
import type { ModelMetadata } from "../../../inference/model-metadata.ts";
import { TensorValues } from "../../../inference/row-and-tensor-values.ts";
import { elementCount } from "../../../tensor/shape.ts";
import type { TensorSpec } from "../../../tensor/tensor.ts";
import { makeTensor } from "../../dev/make-tensor.ts";

export interface MadeUpRequestsOptions {
  readonly model: string;
  /** Size of a first dimension that is open. */
  readonly batchRows: number;
  /** Shapes by input, as `--shape` has them: `1,3,224,224`. */
  readonly shapes: Readonly<Record<string, string>>;
}

/** So many different requests are sent in turn: a cache on the way would respond to one that is always the same. */
const REQUESTS = 8;
const MAX_ELEMENTS = 2 ** 26;

/** @throws InferenceError invalid_argument for a size that nobody gave, and for a shape of no input. */
export function madeUpRequests(metadata: ModelMetadata, options: MadeUpRequestsOptions): InferRequest[] {
  const { model, shapes } = options;
  const names = metadata.inputs.map(({ name }) => name);
  const foreign = Object.keys(shapes).find((name) => !names.includes(name));
  if (foreign !== undefined) throw invalidArgument(`--shape ${foreign}: ${model} has the inputs ${names.join(", ")}`);
  const specs = metadata.inputs.map((spec) => ({ ...spec, shape: resolveShape(spec, options) }));
  return Array.from({ length: REQUESTS }, (_, index) => {
    const tensors = specs.map(({ name, datatype, shape }) =>
      makeTensor(name, datatype, shape, index * elementCount(shape)),
    );
    const values = new TensorValues(tensors, "input");
    return new InferRequest({ modelName: model, content: { parameters: {}, members: {}, values } });
  });
}

function resolveShape({ name, shape }: TensorSpec, { batchRows, shapes }: MadeUpRequestsOptions): readonly number[] {
  const given = shapes[name];
  const sizes =
    given === undefined
      ? shape.map((size, index) => (size < 0 && index === 0 ? batchRows : size))
      : given.split(",").map((text) => (/^ *\d+ *$/.test(text) ? Number(text) : Number.NaN));
  const declared = `[${shape.join(", ")}]`;
  if (given !== undefined && !fits(sizes, shape)) {
    throw invalidArgument(`--shape ${name}: expected a shape like ${declared}, got ${given}`);
  }
  if (given === undefined && batchRows > 1 && shape[0] !== -1) {
    throw invalidArgument(`--batch_rows: input '${name}' is ${declared}, whose first dimension is not open`);
  }
  if (sizes.some((size) => size < 0)) {
    throw invalidArgument(`input '${name}' is ${declared}: give the sizes, --shape ${name}=${sizes.map(positive)}`);
  }
  if (elementCount(sizes) > MAX_ELEMENTS) {
    throw invalidArgument(`input '${name}': expected at most ${MAX_ELEMENTS} elements, got ${elementCount(sizes)}`);
  }
  return sizes;
}

function fits(sizes: readonly number[], shape: readonly number[]): boolean {
  return (
    sizes.length === shape.length && sizes.every((size, index) => size >= 0 && [-1, size].includes(shape[index] ?? 0))
  );
}

/** A size that stands for an open one in a hint. */
function positive(size: number): number {
  return size < 0 ? 8 : size;
}
