/** Bounds on what is read from the wire, checked before memory is taken. */
export interface Limits {
  /** Decompressed bytes of a request body. @default 104857600 (100 MiB) */
  readonly maxBodyBytes: number;
  /** Decompressed bytes of a predictor's response. @default 268435456 (256 MiB) */
  readonly maxResponseBytes: number;
  /** Nesting of JSON. @default 64 */
  readonly maxJsonDepth: number;
  /** Rows of a request. @default 100000 */
  readonly maxInstances: number;
  /** Tensors of a request. @default 256 */
  readonly maxTensors: number;
  /**
   * Elements of one tensor. BYTES elements, each an object of its own, may be a 64th of it in one message, and at least 1048576.
   * @default 67108864
   */
  readonly maxElements: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxBodyBytes: 100 * 1024 * 1024,
  maxResponseBytes: 256 * 1024 * 1024,
  maxJsonDepth: 64,
  maxInstances: 100_000,
  maxTensors: 256,
  maxElements: 64 * 1024 * 1024,
};
