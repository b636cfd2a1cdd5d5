import { readFileSync } from "node:fs";
import {
  type PerspectiveMatrix,
  perspectiveTransformOpencv,
  type Quadrilateral,
} from "../../../src/image/backend/opencv/perspective.ts";
import { warpPerspectiveOpencv } from "../../../src/image/backend/opencv/warp-perspective.ts";
import { type ResizeCase, sourceOf } from "./resize-cases.ts";

/** One case of `test/servers/parity/warp_cases.py`. */
export interface WarpCase extends Omit<ResizeCase, "method"> {
  readonly corners: Quadrilateral;
  readonly matrix: PerspectiveMatrix;
}

export interface WarpCases {
  /** Name and version of what made them. */
  readonly library: string;
  readonly cases: readonly WarpCase[];
}

export function readWarpCases(path: string): WarpCases {
  return JSON.parse(readFileSync(path, "utf8"));
}

export function matrixOf({ corners, to: [width, height] }: WarpCase): PerspectiveMatrix {
  return perspectiveTransformOpencv(corners, [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ]);
}

export function warpOf(one: WarpCase): Uint8Array {
  return warpPerspectiveOpencv(sourceOf({ ...one, method: "" }), one.matrix, ...one.to).data;
}
