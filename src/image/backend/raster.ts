/** Samples row by row, the channels of a pixel beside each other. */
export interface Raster<Data extends Uint8Array | Float32Array = Uint8Array | Float32Array> {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 RGB, 4 RGBA. */
  readonly channels: number;
  /** width × height × channels samples. */
  readonly data: Data;
}
