import { createTensor, type Tensor } from "kserve-transformer";

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);
/** Numbers that are not given are 0. */
export const floats = (name: string, shape: readonly number[], values: ArrayLike<number>): Tensor =>
  createTensor(
    name,
    "FP32",
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => values[i] ?? 0),
  );

/** The tensor with its numbers cut or filled up to another shape. */
function reshaped({ name, shape, data }: Tensor, to: readonly number[]): Tensor {
  const values = data as ArrayLike<number>;
  return floats(
    name,
    to,
    Array.from({ length: sizeOf(to) }, (_, i) => {
      // Where the same place lies in the tensor that it was.
      let [rest, from, stride] = [i, 0, 1];
      for (let axis = to.length - 1; axis >= 0; axis--) {
        const at = rest % (to[axis] as number);
        rest = Math.floor(rest / (to[axis] as number));
        from += Math.min(at, (shape[axis] ?? 1) - 1) * stride;
        stride *= shape[axis] ?? 1;
      }
      return values[from] ?? 0;
    }),
  );
}

export function transposed({ name, shape, data }: Tensor): Tensor {
  const [columns = 1, rows = 1] = [shape.at(-1), shape.at(-2)];
  const to = [...shape.slice(0, -2), columns, rows];
  return floats(
    name,
    to,
    Array.from({ length: sizeOf(to) }, (_, i) => {
      const [plane, at] = [Math.floor(i / (rows * columns)), i % (rows * columns)];
      return (data as ArrayLike<number>)[plane * rows * columns + (at % rows) * columns + Math.floor(at / rows)] ?? 0;
    }),
  );
}

const filled = ({ name, shape }: Tensor, value: number) => floats(name, shape, Array(sizeOf(shape)).fill(value));
/** With another number of numbers along one dimension. */
export const resized = (tensor: Tensor, axis: number, by: (side: number) => number) =>
  reshaped(
    tensor,
    tensor.shape.map((side, i) => (i === axis ? by(side) : side)),
  );

/** What may be wrong with an output. */
export function faultsOf(tensor: Tensor): [fault: string, wrong: Tensor][] {
  const { name, shape } = tensor;
  const axes = shape.map((_, axis) => axis);
  const faults: [string, Tensor][] = [
    ...(shape.length > 1 ? [["transposed", transposed(tensor)] as [string, Tensor]] : []),
    ...axes.map((axis): [string, Tensor] => [`short along ${axis}`, resized(tensor, axis, (side) => side - 1)]),
    ...axes.map((axis): [string, Tensor] => [`long along ${axis}`, resized(tensor, axis, (side) => side + 1)]),
    ...axes.map((axis): [string, Tensor] => [`empty along ${axis}`, resized(tensor, axis, () => 0)]),
    ["of one dimension more", floats(name, [1, ...shape], tensor.data as ArrayLike<number>)],
    ["of one dimension", floats(name, [sizeOf(shape)], tensor.data as ArrayLike<number>)],
    ["NaN", filled(tensor, Number.NaN)],
    ["infinite", filled(tensor, Number.POSITIVE_INFINITY)],
    ["text", createTensor(name, "BYTES", shape, Array(sizeOf(shape)).fill(Buffer.from("1")))],
  ];
  const isSame = (wrong: Tensor): boolean =>
    wrong.shape.join() === shape.join() && Buffer.compare(bytes(wrong), bytes(tensor)) === 0;
  const isTurnedSquare = (fault: string): boolean => fault === "transposed" && shape.at(-1) === shape.at(-2);
  return faults.filter(([fault, wrong]) => !isSame(wrong) && !isTurnedSquare(fault));
}

const bytes = ({ data }: Tensor): Buffer =>
  data instanceof Float32Array ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.alloc(0);
