import { BLACK_AND_WHITE, GREYS, type Palette, readPalette } from "../palette.ts";
import { brokenData, unsupportedKind } from "../refusal.ts";
import { byteRow, indexedRow, packedRow, type UnpackRow } from "../rows.ts";

/** How the pixels of a BMP are kept. */
export interface BmpSamples {
  readonly bitsPerPixel: number;
  readonly unpack: UnpackRow;
  /** The colours of indices; undefined where pixels are colours themselves. */
  readonly palette: Palette | undefined;
}

/** Pixels of 16, 24 or 32 bits without masks: BGR. */
export function rawSamples(bitsPerPixel: number): BmpSamples {
  const unpack = bitsPerPixel === 16 ? packedRow(5) : byteRow(bitsPerPixel / 8, 2, 1, 0);
  return { bitsPerPixel, unpack, palette: undefined };
}

/** The layouts that Pillow reads. Alpha is dropped, but a layout with another one is not among them. */
const MASKS: Readonly<Record<string, UnpackRow>> = {
  "32 ff0000 ff00 ff 0": byteRow(4, 2, 1, 0),
  "32 ff000000 ff0000 ff00 0": byteRow(4, 3, 2, 1),
  "32 ff000000 ff00 ff 0": byteRow(4, 3, 1, 0),
  "32 ff000000 ff0000 ff00 ff": byteRow(4, 3, 2, 1),
  "32 ff ff00 ff0000 ff000000": byteRow(4, 0, 1, 2),
  "32 ff0000 ff00 ff ff000000": byteRow(4, 2, 1, 0),
  "32 ff000000 ff00 ff ff0000": byteRow(4, 3, 1, 0),
  "32 0 0 0 0": byteRow(4, 2, 1, 0),
  "24 ff0000 ff00 ff": byteRow(3, 2, 1, 0),
  "16 f800 7e0 1f": packedRow(6),
  "16 7c00 3e0 1f": packedRow(5),
};

/** Pixels whose colours are said by masks. @throws InferenceError unsupported_media_type for masks that Pillow does not read. */
export function maskedSamples(bitsPerPixel: number, colours: readonly number[], alpha: number): BmpSamples {
  const masks = (bitsPerPixel === 32 ? [...colours, alpha] : colours).map((mask) => mask.toString(16)).join(" ");
  const unpack = MASKS[`${bitsPerPixel} ${masks}`];
  if (unpack === undefined) {
    throw unsupportedKind(`a BMP of ${bitsPerPixel} bits with the masks ${masks}: this kind of BMP is not read`);
  }
  return { bitsPerPixel, unpack, palette: undefined };
}

/**
 * Pixels that are indices. A palette of greys in order is left out as Pillow leaves it out, which then takes a pixel for a byte, or for a
 * bit where there are two colours at most, however many bits the header says.
 */
export function paletteSamples(bits: number, colours: number, entries: Uint8Array, step: number): BmpSamples {
  if (colours > 65536)
    throw unsupportedKind(`a BMP with a palette of ${colours} colours: this kind of BMP is not read`);
  if (isGrey(entries, colours, step)) {
    const few = colours <= 2;
    const palette = few ? BLACK_AND_WHITE : GREYS;
    return { bitsPerPixel: few ? 1 : 8, unpack: indexedRow(few ? 1 : 8, palette), palette };
  }
  const palette = readPalette(entries, step, 2, 1, 0);
  if (palette === undefined) throw brokenData("bmp");
  return { bitsPerPixel: bits, unpack: indexedRow(bits as 1 | 4 | 8, palette), palette };
}

function isGrey(entries: Uint8Array, colours: number, step: number): boolean {
  for (let i = 0; i < colours; i++) {
    const grey = colours === 2 ? i * 255 : i & 255;
    for (let channel = 0; channel < 3; channel++) if (entries[i * step + channel] !== grey) return false;
  }
  return true;
}
