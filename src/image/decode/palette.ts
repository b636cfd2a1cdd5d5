/** 256 colours, RGB; those that a file does not name are black. */
export type Palette = Uint8Array;

/** Index i is the grey i. */
export const GREYS: Palette = Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));
/** Index 0 is black, every other white. */
export const BLACK_AND_WHITE: Palette = Uint8Array.from({ length: 768 }, (_, i) => (i < 3 ? 0 : 255));

/** Colours of `step` bytes an entry, in which red, green and blue stand at these places; undefined where there are over 256. */
export function readPalette(
  bytes: Uint8Array,
  step: number,
  red: number,
  green: number,
  blue: number,
): Palette | undefined {
  const entries = Math.floor(bytes.length / step);
  if (entries > 256) return undefined;
  const palette = new Uint8Array(768);
  for (let i = 0; i < entries; i++) {
    palette[i * 3] = bytes[i * step + red] as number;
    palette[i * 3 + 1] = bytes[i * step + green] as number;
    palette[i * 3 + 2] = bytes[i * step + blue] as number;
  }
  return palette;
}
