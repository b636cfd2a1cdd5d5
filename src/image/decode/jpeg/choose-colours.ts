import { unsupportedKind } from "../refusal.ts";
import {
  adobeInkRow,
  type ConvertRow,
  greyRow,
  inkRow,
  rgbAsGreyRow,
  rgbRow,
  throughYcc,
  yccRow,
} from "./convert-row.ts";
import type { Frame } from "./jpeg-frame.ts";

/** What stands before the first scan and says which colours the components are. */
export interface ColourMarkers {
  hasJfif: boolean;
  /** The transform that Adobe's marker names; undefined without one. */
  adobe: number | undefined;
}

export interface Colours {
  /** So many components, from the first on, are looked at. */
  readonly needed: number;
  readonly convert: ConvertRow;
}

/** What libjpeg takes the components for, and how TensorFlow makes RGB or grey of them. */
export function chooseColours({ components }: Frame, { hasJfif, adobe }: ColourMarkers, channels: 1 | 3): Colours {
  const count = components.length;
  if (count === 1) return { needed: 1, convert: greyRow };
  if (count === 3) {
    const ids = String.fromCharCode(...components.map(({ id }) => id));
    const isRgb = !hasJfif && (adobe === undefined ? ids === "RGB" : adobe === 0);
    if (isRgb) return { needed: 3, convert: channels === 3 ? rgbRow : rgbAsGreyRow };
    return channels === 3 ? { needed: 3, convert: yccRow } : { needed: 1, convert: greyRow };
  }
  if (count !== 4) throw unsupportedKind(`a JPEG of ${count} components: TensorFlow reads 1, 3 and 4`);
  if (channels === 1) throw unsupportedKind("a JPEG of CMYK: TensorFlow does not read it as grey");
  if (adobe === undefined) return { needed: 4, convert: inkRow };
  return { needed: 4, convert: adobe === 0 ? adobeInkRow : throughYcc(adobeInkRow) };
}
