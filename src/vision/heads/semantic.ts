import { InferenceError } from "../../errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type ClassMap, classMapOf } from "../masks/class-map.ts";
import { Pace } from "../pace.ts";
import { finiteFloats, unexpectedOutput } from "../tensor-floats.ts";

/** Numbers of classes are 16 bits wide. */
const MOST_CLASSES = 65_536;

export interface SemanticOptions {
  /** How many classes the model has; another number is an error. @default what the shape leaves */
  readonly classes?: number;
  readonly signal?: AbortSignal;
}

/**
 * What transformers' `post_process_semantic_segmentation` gives: logits resized to each picture, and the best class of each pixel.
 * Rests between slices of 8 ms.
 * @param logits [pictures, classes, height, width], usually smaller than the pictures.
 * @param sizes Width and height of each picture in pixels; an `ImageGeometry` is one.
 * @throws InferenceError bad_gateway when the output has another shape, or numbers that are not finite.
 */
export async function decodeSemantic(
  logits: Tensor,
  sizes: readonly { readonly width: number; readonly height: number }[],
  { classes: wanted, signal }: SemanticOptions = {},
): Promise<ClassMap[]> {
  const [pictures = 0, classes = 0, height = 0, width = 0] = logits.shape;
  const isOther = classes < 1 || classes > MOST_CLASSES || (wanted !== undefined && classes !== wanted);
  if (logits.shape.length !== 4 || isOther || height < 1 || width < 1) {
    const row = wanted === undefined ? "classes" : `${wanted} classes`;
    throw unexpectedOutput(logits, `numbers of shape [pictures, ${row}, height, width]`);
  }
  if (pictures !== sizes.length) {
    throw new InferenceError(`output '${logits.name}' is of ${pictures} pictures, and ${sizes.length} were sent`, {
      code: "bad_gateway",
    });
  }
  const pace = new Pace(signal);
  const values = await finiteFloats(logits, pace);
  const each = classes * height * width;
  const maps: ClassMap[] = [];
  for (const [picture, size] of sizes.entries()) {
    const own = values.subarray(picture * each, (picture + 1) * each);
    maps.push(await classMapOf({ classes, height, width, values: own }, size.width, size.height, pace));
  }
  return maps;
}
