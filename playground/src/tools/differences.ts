import type { RunTrace, TensorTrace, TraceContent } from "../../../src/playground/trace.ts";
import { elementsOf } from "../tensor/tensor-data.ts";

/** How two tensors of the same name differ. */
export interface TensorDifference {
  readonly name: string;
  /** Why they cannot be compared element by element. */
  readonly mismatch?: string;
  readonly different: number;
  readonly elements: number;
  readonly greatest: number;
  readonly mean: number;
  /** The second minus the first, to be drawn as a tensor. */
  readonly tensor?: TensorTrace;
}

export interface StageDifference {
  readonly stage: string;
  readonly milliseconds: readonly [number | undefined, number | undefined];
  readonly tensors: readonly TensorDifference[];
}

/** Stage by stage, in the order of a request. */
export function compareTraces(first: RunTrace, second: RunTrace): StageDifference[] {
  const contents = [
    ["request", first.received, second.received],
    ["preprocess", first.preprocess, second.preprocess],
    ["predict", first.predict, second.predict],
    ["postprocess", first.postprocess, second.postprocess],
  ] as const;
  return contents
    .filter(([, a, b]) => a !== undefined || b !== undefined)
    .map(([stage, a, b]) => ({
      stage,
      milliseconds: [timeOf(first, stage), timeOf(second, stage)],
      tensors: compareContents(a, b),
    }));
}

function timeOf({ stages }: RunTrace, name: string): number | undefined {
  return stages.find((stage) => stage.name === name)?.milliseconds;
}

function tensorsOf(content: TraceContent | undefined): readonly TensorTrace[] {
  return content === undefined || "unavailable" in content.tensors ? [] : content.tensors;
}

function compareContents(a: TraceContent | undefined, b: TraceContent | undefined): TensorDifference[] {
  const others = new Map(tensorsOf(b).map((tensor) => [tensor.name, tensor]));
  return tensorsOf(a).map((tensor) => {
    const other = others.get(tensor.name);
    return other === undefined ? mismatch(tensor, "only in the first run") : compareTensors(tensor, other);
  });
}

function mismatch({ name, elements }: TensorTrace, reason: string): TensorDifference {
  return { name, mismatch: reason, different: 0, elements, greatest: 0, mean: 0 };
}

function compareTensors(a: TensorTrace, b: TensorTrace): TensorDifference {
  const forms = [a, b].map(({ datatype, shape }) => `${datatype} [${shape.join(", ")}]`);
  if (forms[0] !== forms[1]) return mismatch(a, `${forms[0]} in the first run, ${forms[1]} in the second`);
  if (a.texts !== undefined) {
    const different = a.texts.filter((text, index) => text !== b.texts?.[index]).length;
    return { name: a.name, different, elements: a.elements, greatest: 0, mean: 0 };
  }
  const [one, two] = [elementsOf(a), elementsOf(b)];
  const data = new Float32Array(one.length);
  let [different, greatest, sum] = [0, 0, 0];
  for (let index = 0; index < one.length; index++) {
    const [x, y] = [Number(one[index]), Number(two[index])];
    const difference = y - x;
    data[index] = difference;
    const size = Math.abs(difference);
    if (!Object.is(x, y) && size !== 0) different += 1;
    if (size > greatest) greatest = size;
    sum += size;
  }
  return {
    name: a.name,
    different,
    elements: a.elements,
    greatest,
    mean: one.length === 0 ? 0 : sum / one.length,
    ...(different === 0 ? {} : { tensor: drawn(a, data, greatest) }),
  };
}

/** The difference as a tensor of its own, grey where nothing differs. */
function drawn({ name, shape }: TensorTrace, data: Float32Array<ArrayBuffer>, greatest: number): TensorTrace {
  const bytes = new Uint8Array(data.buffer);
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  let sum = 0;
  for (const value of data) sum += value;
  const statistics = {
    min: -greatest,
    max: greatest,
    mean: sum / (data.length || 1),
    deviation: 0,
    nan: 0,
    infinite: 0,
    histogram: [],
  };
  return {
    name: `difference of ${name}`,
    datatype: "FP32",
    shape,
    elements: data.length,
    sent: data.length,
    dataType: "f32",
    data: btoa(text),
    statistics,
  };
}
