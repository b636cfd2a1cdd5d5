import type { Pixels } from "../../image.ts";
import { brokenData } from "../refusal.ts";
import { rowBytes, unpackRows } from "../rows.ts";
import { readTgaHeader, type TgaHeader } from "./tga-header.ts";

/** The pixels of a Targa file, as Pillow's convert("RGB") gives them. */
export function decodeTga(bytes: Uint8Array): Pixels {
  const header = readTgaHeader(bytes);
  const pixels = header.runs ? decodeRuns(bytes, header) : unpackRows(bytes, header);
  if (pixels === undefined) throw brokenData("tga");
  if (header.rightToLeft) mirror(pixels);
  return pixels;
}

/** Packets of up to 128 pixels: a run stays within its row, pixels one by one may go on into the next, as in Pillow. */
function decodeRuns(bytes: Uint8Array, header: TgaHeader): Pixels | undefined {
  const { width, height, unpack, bottomUp } = header;
  const step = Math.floor(header.bitsPerPixel / 8);
  const line = new Uint8Array(rowBytes(header));
  // A packet is a byte and a pixel at least, and holds 128 pixels at most.
  if (step === 0 || ((bytes.length - header.offset) / (1 + step)) * 128 < width * height) return undefined;
  const data = new Uint8Array(width * height * 3);
  let row = 0;
  let x = 0;
  const flush = (): void => {
    unpack(line, 0, data, (bottomUp ? height - 1 - row : row) * width * 3, width);
    row++;
    x = 0;
  };
  for (let at = header.offset; row < height; ) {
    const packet = bytes[at++];
    if (packet === undefined) return undefined;
    const length = step * ((packet & 0x7f) + 1);
    if (packet & 0x80) {
      if (at + step > bytes.length || x + length > line.length) return undefined;
      for (let i = 0; i < length; i++) line[x + i] = bytes[at + (i % step)] as number;
      at += step;
      x += length;
      if (x === line.length) flush();
      continue;
    }
    if (at + length > bytes.length) return undefined;
    for (const end = at + length; at < end && row < height; ) {
      const part = Math.min(end - at, line.length - x);
      line.set(bytes.subarray(at, at + part), x);
      at += part;
      x += part;
      if (x === line.length) flush();
    }
  }
  return { width, height, data };
}

function mirror({ width, height, data }: Pixels): void {
  for (let row = 0; row < height; row++) {
    for (let left = row * width * 3, right = left + (width - 1) * 3; left < right; left += 3, right -= 3) {
      for (let channel = 0; channel < 3; channel++) {
        const byte = data[left + channel] as number;
        data[left + channel] = data[right + channel] as number;
        data[right + channel] = byte;
      }
    }
  }
}
