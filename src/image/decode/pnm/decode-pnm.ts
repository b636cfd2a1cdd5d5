import type { Pixels } from "../../image.ts";
import { roundHalfToEven } from "../../round-half-to-even.ts";
import { brokenData } from "../refusal.ts";
import { indexedRow, type UnpackRow, unpackRows } from "../rows.ts";
import { type PnmHeader, readPlainBits, readPlainNumbers, readPnmHeader } from "./pnm-header.ts";

/** The pixels of a PBM, PGM or PPM, as Pillow's convert("RGB") gives them. */
export function decodePnm(bytes: Uint8Array): Pixels {
  const header = readPnmHeader(bytes);
  const pixels = header.plain ? decodePlain(bytes, header) : decodeRaw(bytes, header);
  if (pixels === undefined) throw brokenData("pnm");
  return pixels;
}

function decodeRaw(bytes: Uint8Array, header: PnmHeader): Pixels | undefined {
  const { width, height, maxval, channels, samples, offset } = header;
  const layout = { width, height, offset, bottomUp: false };
  if (samples === "bits") return unpackRows(bytes, { ...layout, bitsPerPixel: 1, unpack: indexedRow(1, INK) });
  const sampleBytes = maxval < 256 ? 1 : 2;
  const unpack = sampleRow(byteTable(header), channels, sampleBytes);
  return unpackRows(bytes, { ...layout, bitsPerPixel: channels * sampleBytes * 8, unpack });
}

/** A bit that is set is ink: black. */
const INK = Uint8Array.from({ length: 768 }, (_, i) => (i < 3 ? 255 : 0));

function sampleRow(table: Uint8Array, channels: 1 | 3, sampleBytes: 1 | 2): UnpackRow {
  return (bytes, from, rgb, to, width) => {
    let at = from;
    for (let i = 0; i < width * channels; i++) {
      let sample = bytes[at++] as number;
      if (sampleBytes === 2) sample = (sample << 8) | (bytes[at++] as number);
      const byte = table[sample] as number;
      if (channels === 3) rgb[to + i] = byte;
      else rgb.fill(byte, to + i * 3, to + i * 3 + 3);
    }
  };
}

/**
 * The byte that each sample becomes. As in Pillow grey of more than 8 bits is spread over 16 and then clipped at 255, while colours are
 * spread over 8 bits.
 */
function byteTable({ maxval, channels }: PnmHeader): Uint8Array {
  const most = channels === 1 && maxval > 255 ? 65535 : 255;
  const spread = (sample: number): number => Math.min(255, roundHalfToEven((sample / maxval) * most));
  return Uint8Array.from({ length: maxval < 256 ? 256 : 65536 }, (_, sample) => spread(sample));
}

function decodePlain(bytes: Uint8Array, header: PnmHeader): Pixels | undefined {
  const { width, height, maxval, channels, samples, offset } = header;
  const count = width * height * channels;
  // A sample takes a byte, and white space before the next where it is a number.
  if (bytes.length - offset < (samples === "bits" ? count : 2 * count - 1)) return undefined;
  const data = new Uint8Array(width * height * 3);
  let filled = 0;
  const put = (byte: number): void => {
    if (channels === 3) data[filled] = byte;
    else data.fill(byte, filled * 3, filled * 3 + 3);
    filled++;
  };
  if (samples === "bits") {
    readPlainBits(bytes, offset, (bit) => {
      if (filled < count) put(bit === 0 ? 255 : 0);
    });
  } else {
    const table = byteTable(header);
    readPlainNumbers(bytes, offset, (sample) => {
      if (sample > maxval) throw brokenData("pnm");
      put(table[sample] as number);
      return filled < count;
    });
  }
  return filled < count ? undefined : { width, height, data };
}
