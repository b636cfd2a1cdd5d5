import type { ImageFormat, Pixels } from "../image.ts";
import { readBmpHeader } from "./bmp/bmp-header.ts";
import { decodeBmp } from "./bmp/decode-bmp.ts";
import { decodeGif } from "./gif/decode-gif.ts";
import { readGifHeader } from "./gif/gif-header.ts";
import { decodePnm } from "./pnm/decode-pnm.ts";
import { readPnmHeader } from "./pnm/pnm-header.ts";
import { readWithin } from "./refusal.ts";
import { decodeTga } from "./tga/decode-tga.ts";
import { readTgaHeader } from "./tga/tga-header.ts";

/** A decoder of this package's: formats that libvips does not read, or reads otherwise than Pillow. */
export interface OwnDecoder {
  /** The size, from the header alone. */
  readSize(bytes: Uint8Array): { readonly width: number; readonly height: number };
  decode(bytes: Uint8Array): Pixels;
}

const DECODERS: Partial<Readonly<Record<ImageFormat, OwnDecoder>>> = {
  bmp: { readSize: readBmpHeader, decode: decodeBmp },
  gif: { readSize: readGifHeader, decode: decodeGif },
  pnm: { readSize: readPnmHeader, decode: decodePnm },
  tga: { readSize: readTgaHeader, decode: decodeTga },
};

/** The decoder of a format that is not left to libvips. */
export function ownDecoder(format: ImageFormat): OwnDecoder | undefined {
  const decoder = DECODERS[format];
  return (
    decoder && {
      readSize: (bytes) => readWithin(format, () => decoder.readSize(bytes)),
      decode: (bytes) => readWithin(format, () => decoder.decode(bytes)),
    }
  );
}
