/** Writes a row of RGB from the rows of the components. */
export type ConvertRow = (rows: readonly Uint8Array[], width: number, to: Uint8Array, at: number) => void;

const HALF = 32768;
/** JFIF's factors with 16 bits of fraction, as libjpeg rounds them; by the difference + 128. */
const RED = Int32Array.from({ length: 256 }, (_, i) => (Math.round(1.402 * 65536) * (i - 128) + HALF) >> 16);
const BLUE = Int32Array.from({ length: 256 }, (_, i) => (Math.round(1.772 * 65536) * (i - 128) + HALF) >> 16);
const GREEN_OF_RED = Int32Array.from({ length: 256 }, (_, i) => -Math.round(0.71414 * 65536) * (i - 128) + HALF);
const GREEN_OF_BLUE = Int32Array.from({ length: 256 }, (_, i) => -Math.round(0.34414 * 65536) * (i - 128));
/** By 256 + value: the value, from 0 to 255. */
const LIMITED = Uint8ClampedArray.from({ length: 768 }, (_, i) => i - 256);

export const greyRow: ConvertRow = ([grey = NONE], width, to, at) => {
  for (let x = 0, i = at; x < width; x++, i += 3) {
    const value = grey[x] as number;
    to[i] = value;
    to[i + 1] = value;
    to[i + 2] = value;
  }
};

export const rgbRow: ConvertRow = ([red = NONE, green = NONE, blue = NONE], width, to, at) => {
  for (let x = 0, i = at; x < width; x++, i += 3) {
    to[i] = red[x] as number;
    to[i + 1] = green[x] as number;
    to[i + 2] = blue[x] as number;
  }
};

export const rgbAsGreyRow: ConvertRow = ([red = NONE, green = NONE, blue = NONE], width, to, at) => {
  for (let x = 0, i = at; x < width; x++, i += 3) {
    const value = ((red[x] as number) * 19595 + (green[x] as number) * 38470 + (blue[x] as number) * 7471 + HALF) >> 16;
    to[i] = value;
    to[i + 1] = value;
    to[i + 2] = value;
  }
};

export const yccRow: ConvertRow = ([bright = NONE, blueness = NONE, redness = NONE], width, to, at) => {
  for (let x = 0, i = at; x < width; x++, i += 3) {
    const y = (bright[x] as number) + 256;
    const cb = blueness[x] as number;
    const cr = redness[x] as number;
    to[i] = LIMITED[y + (RED[cr] as number)] as number;
    to[i + 1] = LIMITED[y + (((GREEN_OF_BLUE[cb] as number) + (GREEN_OF_RED[cr] as number)) >> 16)] as number;
    to[i + 2] = LIMITED[y + (BLUE[cb] as number)] as number;
  }
};

/** TensorFlow's: Adobe's inks are inverted, 255 is none. */
export const adobeInkRow: ConvertRow = ([cyan = NONE, magenta = NONE, yellow = NONE, black = NONE], width, to, at) => {
  for (let x = 0, i = at; x < width; x++, i += 3) {
    const light = black[x] as number;
    to[i] = (light * (cyan[x] as number)) / 255;
    to[i + 1] = (light * (magenta[x] as number)) / 255;
    to[i + 2] = (light * (yellow[x] as number)) / 255;
  }
};

export const inkRow: ConvertRow = ([cyan = NONE, magenta = NONE, yellow = NONE, black = NONE], width, to, at) => {
  for (let x = 0, i = at; x < width; x++, i += 3) {
    const light = 255 - (black[x] as number);
    to[i] = (light * (255 - (cyan[x] as number))) / 255;
    to[i + 1] = (light * (255 - (magenta[x] as number))) / 255;
    to[i + 2] = (light * (255 - (yellow[x] as number))) / 255;
  }
};

/** YCCK: the inks are what RGB lacks to 255. */
export function throughYcc(convert: ConvertRow): ConvertRow {
  let inks: Uint8Array[] = [];
  let rgb: Uint8Array = NONE;
  return (rows, width, to, at) => {
    if (rgb.length !== width * 3) {
      rgb = new Uint8Array(width * 3);
      inks = [0, 1, 2].map(() => new Uint8Array(width));
    }
    yccRow(rows, width, rgb, 0);
    for (const [channel, ink] of inks.entries()) {
      for (let x = 0; x < width; x++) ink[x] = 255 - (rgb[x * 3 + channel] as number);
    }
    convert([...inks, rows[3] ?? NONE], width, to, at);
  };
}

const NONE = new Uint8Array(0);
