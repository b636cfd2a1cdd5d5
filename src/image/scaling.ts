/** How bytes become floats, in float32 arithmetic and this order: (byte / divisor - mean) / std, channel by channel. */
export interface ScalingFormula {
  /** @default 1 */
  readonly divisor?: number;
  /** One a channel, in the order of `channels`. @default [0, 0, 0] */
  readonly mean?: readonly [number, number, number];
  /** One a channel, in the order of `channels`. @default [1, 1, 1] */
  readonly std?: readonly [number, number, number];
  /** Order of the channels in the tensor. @default "RGB" */
  readonly channels?: "RGB" | "BGR";
}

/** Modes of Keras' `preprocess_input`, and `plain`: 0 to 255 as they are. */
export type ScalingPreset = "tf" | "caffe" | "torch" | "plain";
export type Scaling = ScalingPreset | ScalingFormula;

const PRESETS: Readonly<Record<ScalingPreset, ScalingFormula>> = {
  tf: { divisor: 127.5, mean: [1, 1, 1] },
  caffe: { mean: [103.939, 116.779, 123.68], channels: "BGR" },
  torch: { divisor: 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  plain: {},
};

export function resolveScaling(scaling: Scaling): ScalingFormula {
  return typeof scaling === "string" ? PRESETS[scaling] : scaling;
}

/**
 * The float32 of each byte, one table a channel, with the bits that numpy gets from float32 arrays. Channels of the same
 * formula share one table.
 */
export function scalingTables({ divisor = 1, mean = [0, 0, 0], std = [1, 1, 1] }: ScalingFormula): Float32Array[] {
  const tables: Float32Array[] = [];
  for (let channel = 0; channel < 3; channel++) {
    const same = mean.findIndex((value, other) => value === mean[channel] && std[other] === std[channel]);
    tables.push(tables[same] ?? scalingTable(divisor, mean[channel] as number, std[channel] as number));
  }
  return tables;
}

function scalingTable(divisor: number, mean: number, std: number): Float32Array {
  const { fround } = Math;
  return Float32Array.from({ length: 256 }, (_, byte) =>
    fround(fround(fround(byte / fround(divisor)) - fround(mean)) / fround(std)),
  );
}
