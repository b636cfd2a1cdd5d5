import type { Pixels } from "../image.ts";

/** The picture turned as `ImageOps.exif_transpose` turns it: 2 to 4 keep its sides, 5 to 8 exchange them (EXIF 2.32, tag 274). */
export function turnPixels({ width, height, data }: Pixels, orientation: number): Pixels {
  if (orientation === 1) return { width, height, data };
  const swaps = orientation >= 5;
  const [toWidth, toHeight] = swaps ? [height, width] : [width, height];
  const mirrorsX = [2, 3, 7, 8].includes(orientation);
  const mirrorsY = [3, 4, 6, 7].includes(orientation);
  const turned = new Uint8Array(data.length);
  for (let y = 0, to = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++, to += 3) {
      const [column, row] = swaps ? [y, x] : [x, y];
      const from = ((mirrorsY ? height - 1 - row : row) * width + (mirrorsX ? width - 1 - column : column)) * 3;
      turned[to] = data[from] as number;
      turned[to + 1] = data[from + 1] as number;
      turned[to + 2] = data[from + 2] as number;
    }
  }
  return { width: toWidth, height: toHeight, data: turned };
}
