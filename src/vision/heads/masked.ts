import { InferenceError } from "../../errors.ts";
import type { MaskableSpecification } from "../../image/folder/detector-specification.ts";
import type { ImageGeometry } from "../../image/pipeline/geometry.ts";
import type { InferResponse } from "../../inference/infer-response.ts";
import { formatShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { FoundBoxes } from "../boxes/found-boxes.ts";
import type { InstanceMask } from "../masks/instance-mask.ts";
import { decodeBoxMasks, pastedMasks } from "../masks/pasted-masks.ts";
import { decodePrototypes } from "../masks/prototypes.ts";
import { yoloMasks } from "../masks/yolo-masks.ts";
import { unexpectedOutput } from "../tensor-floats.ts";
import type { HeadLimits } from "./decode-head.ts";
import { decodeEndToEnd } from "./end-to-end.ts";
import { decodeListed } from "./listed.ts";
import { decodeYolo } from "./yolo.ts";

/** The boxes of each picture, and how the mask of each is made, in their order. */
export interface MaskedBoxes {
  readonly found: FoundBoxes[];
  /** Undefined where nothing is inside. */
  masks(picture: number, geometry: ImageGeometry): AsyncIterable<InstanceMask | undefined>;
}

/**
 * Boxes with what their masks are made of: coefficients and prototypes of YOLO, the shares within each box of Mask R-CNN.
 * @throws InferenceError bad_gateway when the outputs have other shapes, or numbers that are not finite.
 */
export function decodeMasked(
  response: InferResponse,
  { head }: MaskableSpecification,
  limits: HeadLimits,
): Promise<MaskedBoxes> {
  return head === "torchvision" ? decodeListedMasks(response, limits) : decodeYoloMasks(response, head, limits);
}

async function decodeListedMasks(response: InferResponse, limits: HeadLimits): Promise<MaskedBoxes> {
  const found = await decodeListed((name) => response.output(name), { form: "torchvision", ...limits });
  const boxes = response.output("boxes").shape.at(-2) as number;
  const masks = await decodeBoxMasks(response.output("masks"), found.length, boxes, limits);
  return {
    found,
    masks: (picture, geometry) => pastedMasks(found[picture] as FoundBoxes, masks, picture, geometry, limits),
  };
}

async function decodeYoloMasks(
  response: InferResponse,
  head: "yolov8" | "end_to_end",
  limits: HeadLimits,
): Promise<MaskedBoxes> {
  const { boxes, prototypes } = yoloOutputs(response);
  const planes = await decodePrototypes(prototypes, limits);
  const extras = prototypes.shape[1] as number;
  const found = await (head === "end_to_end"
    ? decodeEndToEnd(boxes, { ...limits, extras })
    : decodeYolo(boxes, { head: "yolov8", ...limits, extras }));
  if (found.length !== planes.length) {
    throw new InferenceError(
      `output '${prototypes.name}' is of ${planes.length} pictures, and '${boxes.name}' of ${found.length}`,
      { code: "bad_gateway" },
    );
  }
  return {
    found,
    masks: (picture, geometry) => {
      assertProportions(prototypes, geometry);
      return yoloMasks(found[picture] as FoundBoxes, planes[picture] as (typeof planes)[number], geometry, limits);
    },
  };
}

/** Pixels of the tensor that its size is known to, from where the picture lies on it. */
const ROUNDING = 3;

/**
 * Prototypes have the proportions of the tensor, in whose middle the letterbox lays the picture.
 * @throws InferenceError bad_gateway for others: they lie the other way, or are of another model.
 */
function assertProportions(prototypes: Tensor, geometry: ImageGeometry): void {
  const [, , height = 0, width = 0] = prototypes.shape;
  const across = geometry.width * geometry.scaleX + 2 * geometry.offsetX;
  const down = geometry.height * geometry.scaleY + 2 * geometry.offsetY;
  if (Math.abs(across / width - down / height) * Math.min(width, height) <= ROUNDING) return;
  const tensor = `${Math.round(across)} × ${Math.round(down)}`;
  throw unexpectedOutput(
    prototypes,
    `planes of the proportions of the tensor, about ${tensor}`,
    `${width} × ${height}`,
  );
}

/** Exports name the two as they like: their dimensions tell them apart. */
function yoloOutputs({ outputs }: InferResponse): { readonly boxes: Tensor; readonly prototypes: Tensor } {
  const [boxes, ...otherBoxes] = outputs.filter(({ shape }) => shape.length === 3);
  const [prototypes, ...otherPrototypes] = outputs.filter(({ shape }) => shape.length === 4);
  if (boxes !== undefined && prototypes !== undefined && otherBoxes.length + otherPrototypes.length === 0) {
    return { boxes, prototypes };
  }
  const got = outputs.map(({ name, shape }) => `'${name}' ${formatShape(shape)}`).join(", ") || "none";
  throw new InferenceError(
    `expected an output [pictures, 4 + classes + prototypes, boxes] and one [pictures, prototypes, height, width], got ${got}`,
    { code: "bad_gateway" },
  );
}
