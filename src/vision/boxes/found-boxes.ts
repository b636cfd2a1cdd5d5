/** What a model found on one picture, the best first. */
export interface FoundBoxes {
  /** Left, top, right, bottom of each box, one after the other. */
  readonly boxes: Float32Array;
  /** `tensor`: in pixels of the tensor that the model was given; `picture`: as shares of the picture's width and height. */
  readonly unit: "tensor" | "picture";
  readonly scores: Float32Array;
  /** Number of each box' class. */
  readonly classes: Int32Array;
  /** Place of each box in the model's output. */
  readonly places: Uint32Array;
  /** Numbers after the classes of each box, where the model was said to have some. */
  readonly extras?: Float32Array;
}

/** The boxes at `indices`, in their order. */
export function pickBoxes(found: FoundBoxes, indices: ArrayLike<number>): FoundBoxes {
  const { length } = indices;
  const boxes = new Float32Array(length * 4);
  const [scores, classes, places] = [new Float32Array(length), new Int32Array(length), new Uint32Array(length)];
  for (let to = 0; to < length; to++) {
    const from = indices[to] as number;
    for (let corner = 0; corner < 4; corner++) boxes[to * 4 + corner] = found.boxes[from * 4 + corner] as number;
    scores[to] = found.scores[from] as number;
    classes[to] = found.classes[from] as number;
    places[to] = found.places[from] as number;
  }
  return { boxes, unit: found.unit, scores, classes, places };
}
