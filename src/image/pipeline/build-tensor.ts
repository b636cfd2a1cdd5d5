import { invalidArgument } from "../../errors.ts";
import { toFloat16Array } from "../../tensor/elements/float16.ts";
import { LookupTensor } from "../../tensor/lookup-tensor.ts";
import { createTensor, type Tensor } from "../../tensor/tensor.ts";
import type { Raster } from "../backend/raster.ts";
import type { OutputSpecification, ValueStep } from "./specification.ts";
import { composeValueSteps, valueTables } from "./value-steps.ts";

export type ImageTensor = Tensor<"FP32" | "FP16" | "UINT8">;

/** Size of a tensor without pictures, and its channels. */
export interface EmptySize {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/**
 * Pictures of one size as one tensor. Bytes stay bytes, with a table of the floats that they stand for.
 * @throws InferenceError invalid_argument for pictures of several sizes.
 */
export function buildTensor(
  name: string,
  rasters: readonly Raster[],
  empty: EmptySize,
  values: readonly ValueStep[],
  { layout, datatype }: Pick<OutputSpecification, "layout" | "datatype">,
): ImageTensor {
  const { width, height, channels } = rasters[0] ?? empty;
  assertOneSize(rasters);
  const run = layout === "NHWC" ? 1 : width * height;
  const size = width * height * channels;
  const shape =
    layout === "NHWC" ? [rasters.length, height, width, channels] : [rasters.length, channels, height, width];
  if (rasters.every(({ data }) => data instanceof Uint8Array)) {
    const bytes = new Uint8Array(rasters.length * size);
    for (const [index, raster] of rasters.entries()) bytes.set(arrange(raster, layout), index * size);
    if (datatype === "UINT8") return createTensor(name, "UINT8", shape, bytes);
    const tables = valueTables(values, channels);
    if (datatype === "FP32") return new LookupTensor(name, shape, bytes, tables, { run });
    const halves = tables.map((table) => toFloat16Array(table));
    return createTensor(name, "FP16", shape, lookUp(bytes, halves, run));
  }
  const scale = composeValueSteps(values);
  const floats = new Float32Array(rasters.length * size);
  for (const [index, raster] of rasters.entries()) floats.set(arrange(raster, layout), index * size);
  for (let i = 0; i < floats.length; i++) floats[i] = scale(floats[i] as number, Math.floor(i / run) % channels);
  return datatype === "FP32"
    ? createTensor(name, "FP32", shape, floats)
    : createTensor(name, "FP16", shape, toFloat16Array(floats));
}

/** Every sample as its float, pixel by pixel as before. */
export function toFloats(raster: Raster, values: readonly ValueStep[]): Raster<Float32Array> {
  const scale = composeValueSteps(values);
  const { channels } = raster;
  return { ...raster, data: Float32Array.from(raster.data, (value, i) => scale(value, i % channels)) };
}

function assertOneSize(rasters: readonly Raster[]): void {
  const [first] = rasters;
  const other = rasters.findIndex(({ width, height }) => width !== first?.width || height !== first.height);
  if (other <= 0) return;
  const sizes = [0, other].map((index) => `${rasters[index]?.width} × ${rasters[index]?.height}`);
  throw invalidArgument(
    `pictures 0 and ${other} have become ${sizes.join(" and ")} pixels: pictures of one request need one size, or a pipeline with output.batch`,
  );
}

/** The samples of a picture in the order of the layout. */
function arrange({ width, height, channels, data }: Raster, layout: "NHWC" | "NCHW"): Raster["data"] {
  if (layout === "NHWC" || channels === 1) return data;
  const plane = width * height;
  const target = data.slice();
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < plane; i++) target[channel * plane + i] = data[i * channels + channel] as number;
  }
  return target;
}

function lookUp(bytes: Uint8Array, tables: readonly Uint16Array[], run: number): Uint16Array {
  const target = new Uint16Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    target[i] = (tables[Math.floor(i / run) % tables.length] as Uint16Array)[bytes[i] as number] as number;
  }
  return target;
}
