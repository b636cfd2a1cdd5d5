import { invalidArgument } from "../../errors.ts";
import { encodeGreyPng } from "./encode-grey-png.ts";
import type { Rectangle } from "./region.ts";
import type { RunLengths } from "./run-lengths.ts";

/** `rle`: COCO's run lengths; `png`: base64 of a grey picture, 255 inside and 0 outside. */
export type MaskForm = "rle" | "png";

/** For people. */
export const MASK_FORMS: Readonly<Record<MaskForm, string>> = { rle: "COCO's run lengths", png: "PNG in base64" };

/** @throws InferenceError invalid_argument for another form of masks. */
export function assertMaskForm(masks: MaskForm): void {
  if (!Object.hasOwn(MASK_FORMS, masks)) throw invalidArgument(`masks: expected rle or png, got '${masks}'`);
}

/** Which pixels of a picture belong to one thing. */
export interface InstanceMask extends Rectangle {
  /** The picture's own size. */
  readonly width: number;
  readonly height: number;
  /** 1 inside and 0 outside, row by row of the rectangle; everything beyond it is outside. */
  readonly inside: Uint8Array;
}

/** The mask at the picture's size, as a client gets it. */
export async function encodeMask(mask: InstanceMask, form: MaskForm): Promise<RunLengths | string> {
  return form === "rle" ? maskRunLengths(mask) : pngOf(mask);
}

/** COCO's run lengths of the mask, column by column. */
export function maskRunLengths({ width, height, left, top, right, bottom, inside }: InstanceMask): RunLengths {
  const counts: number[] = [];
  const columns = right - left;
  let end = 0;
  const add = (start: number, length: number): void => {
    // A run that goes on in the next column is one.
    if (start === end && counts.length > 0) counts[counts.length - 1] = (counts.at(-1) as number) + length;
    else counts.push(start - end, length);
    end = start + length;
  };
  for (let x = 0; x < columns; x++) {
    const start = (left + x) * height + top;
    for (let y = 0; y < bottom - top; y++) {
      let length = 0;
      while (y + length < bottom - top && inside[(y + length) * columns + x] === 1) length++;
      if (length > 0) add(start + y, length);
      y += length;
    }
  }
  if (end < width * height) counts.push(width * height - end);
  return { size: [height, width], counts };
}

async function pngOf({ width, height, left, top, right, inside }: InstanceMask): Promise<string> {
  const pixels = new Uint8Array(width * height);
  const columns = right - left;
  for (let i = 0; i < inside.length; i++) {
    if (inside[i] === 1) pixels[(top + Math.floor(i / columns)) * width + left + (i % columns)] = 255;
  }
  return (await encodeGreyPng(pixels, width, height)).toString("base64");
}
