import type { ImageGeometry } from "../image/pipeline/geometry.ts";
import type { InferResponse } from "../inference/infer-response.ts";
import { decodeSemantic } from "./heads/semantic.ts";
import { assertMaskForm, MASK_FORMS, type MaskForm } from "./masks/instance-mask.ts";
import { type Segment, toSegments } from "./masks/segments.ts";

export interface SegmenterOptions {
  /** Names of the classes in the order of their numbers; without any the number is the label. */
  readonly labels?: readonly string[];
  /** @default "rle" */
  readonly masks?: MaskForm;
}

export interface Segmenter {
  /** For people: `labelled masks at the size of the original picture, as COCO's run lengths`. */
  readonly description: string;
  /**
   * The classes on each picture, in the order of their numbers.
   * @param geometry One a picture, as the pipeline's `run` gives them.
   * @throws InferenceError bad_gateway when the outputs are not what the model gives.
   */
  segment(
    response: InferResponse,
    geometry: readonly ImageGeometry[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<Segment[][]>;
}

/**
 * Decodes the output `logits` of a model of transformers' that gives each pixel a class (`…ForSemanticSegmentation`).
 * @throws InferenceError invalid_argument for another form of masks.
 */
export function createSegmenter({ labels = [], masks = "rle" }: SegmenterOptions = {}): Segmenter {
  assertMaskForm(masks);
  return {
    description: `labelled masks at the size of the original picture, as ${MASK_FORMS[masks]}`,
    segment: async (response, geometry, { signal } = {}) => {
      if (geometry.length === 0) return [];
      const maps = await decodeSemantic(response.output("logits"), geometry, {
        ...(labels.length > 0 && { classes: labels.length }),
        ...(signal !== undefined && { signal }),
      });
      const segments: Segment[][] = [];
      for (const map of maps) segments.push(await toSegments(map, labels, masks));
      return segments;
    },
  };
}
