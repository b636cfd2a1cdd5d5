/** The parts of a TensorFlow.js tensor that this package uses. */
export interface TfTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  data(): Promise<unknown>;
  bytes(): Promise<Uint8Array | Uint8Array[]>;
  dispose(): void;
}

/**
 * The parts of a TensorFlow.js module that this package uses; `@tensorflow/tfjs`, `@tensorflow/tfjs-node` and
 * `@tensorflow/tfjs-node-gpu` have them. The module is handed in: which one runs is the user's choice.
 */
export interface TfModule {
  tensor(values: never, shape: number[], dtype: never): TfTensor;
  tidy(run: never): unknown;
  loadGraphModel(source: never): Promise<TfModel>;
  loadLayersModel(source: never): Promise<TfModel>;
  readonly image: {
    resizeBilinear(images: never, size: [number, number], alignCorners?: boolean, halfPixelCenters?: boolean): TfTensor;
    resizeNearestNeighbor(
      images: never,
      size: [number, number],
      alignCorners?: boolean,
      halfPixelCenters?: boolean,
    ): TfTensor;
  };
}

/** Name, shape (null is any size) and dtype of a model's input or output. */
export interface TfTensorInfo {
  readonly name: string;
  readonly shape?: readonly (number | null)[];
  readonly dtype?: string;
}

/** A layers or a graph model. */
export interface TfModel {
  readonly inputs: readonly TfTensorInfo[];
  readonly outputs: readonly TfTensorInfo[];
  /** Graph models with control flow run in `executeAsync` only. */
  executeAsync?(inputs: never): Promise<unknown>;
  predict(inputs: never, config?: never): unknown;
  dispose(): unknown;
}
