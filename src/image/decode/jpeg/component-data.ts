import { brokenData } from "../refusal.ts";
import { fillBlock, scaleSteps, transformBlock } from "./inverse-transform.ts";
import type { Frame, FrameComponent } from "./jpeg-frame.ts";
import type { Plane } from "./upsample-row.ts";

/** A component while its scans are read. */
export interface ComponentData {
  readonly component: FrameComponent;
  /** Whether several scans bring the coefficients, so that all are kept until the last one; else a scan makes samples at once. */
  readonly keeps: boolean;
  /** Of all blocks, or of one. */
  coefficients: Int16Array;
  /** Samples as soon as they are known; undefined where nobody needs them. */
  plane: Uint8Array | undefined;
  /** The steps of its first scan, scaled; later tables do not count. */
  steps: Int16Array | undefined;
  /** What each coefficient still lacks, in bits, by its number; -1 before its first scan. */
  readonly lacking: Int8Array;
}

export function createComponentData(component: FrameComponent, keeps: boolean, isNeeded: boolean): ComponentData {
  const size = component.stride * component.rows * 64;
  return {
    component,
    keeps,
    coefficients: new Int16Array(keeps ? size : 64),
    plane: keeps || !isNeeded ? undefined : new Uint8Array(size),
    steps: undefined,
    lacking: new Int8Array(64).fill(-1),
  };
}

/** Keeps the steps that hold at the component's first scan. */
export function keepSteps(data: ComponentData, tables: readonly (Uint16Array | undefined)[]): void {
  if (data.steps !== undefined) return;
  const steps = tables[data.component.quantization];
  if (steps === undefined) throw brokenData("jpeg");
  data.steps = scaleSteps(steps);
}

/** The samples of one block; `isFlat` where only its first coefficient may be other than 0. */
export function placeBlock(data: ComponentData, from: number, column: number, row: number, isFlat: boolean): void {
  const { plane, steps, coefficients, component } = data;
  if (plane === undefined || steps === undefined) return;
  const width = component.stride * 8;
  const to = row * 8 * width + column * 8;
  if (isFlat) fillBlock(coefficients[from] as number, steps, plane, to, width);
  else transformBlock(coefficients, from, steps, plane, to, width);
}

/** Makes the component's samples where its coefficients were kept until now, and gives those up. */
export function transformAll(data: ComponentData): void {
  if (!data.keeps) return;
  const { stride, blocksAcross, blocksDown, rows } = data.component;
  data.plane = new Uint8Array(stride * rows * 64);
  for (let row = 0; row < blocksDown; row++) {
    for (let column = 0; column < blocksAcross; column++) {
      placeBlock(data, (row * stride + column) * 64, column, row, false);
    }
  }
  data.coefficients = new Int16Array(0);
}

export function toPlane({ component, plane }: ComponentData, { across, down }: Frame): Plane {
  if (plane === undefined) throw brokenData("jpeg");
  const { width, height, stride } = component;
  return {
    data: plane,
    stride: stride * 8,
    width,
    height,
    across: across / component.across,
    down: down / component.down,
  };
}
