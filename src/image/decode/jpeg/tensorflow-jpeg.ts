import type { Pixels } from "../../image.ts";
import { brokenData, readWithin, unsupportedKind } from "../refusal.ts";
import { type ColourMarkers, type Colours, chooseColours } from "./choose-colours.ts";
import { type ComponentData, createComponentData } from "./component-data.ts";
import { type Frame, readFrame, word } from "./jpeg-frame.ts";
import { JpegTables } from "./jpeg-tables.ts";
import { readScan } from "./read-scan.ts";
import { readScanHeader } from "./scan-header.ts";
import { toPixels } from "./to-pixels.ts";

/**
 * The pixels of TensorFlow's `tf.io.decode_image(bytes, channels, expand_animations=False)` for a JPEG, bit for bit: libjpeg-turbo with
 * its fast whole-number transform. A grey value stands three times. EXIF does not count. Source: ITU-T T.81; libjpeg's arithmetic.
 * @throws InferenceError unsupported_media_type for a kind that TensorFlow does not read or that is not reproduced, invalid_argument for
 * broken data, also where libjpeg would only warn and guess.
 */
export function decodeTensorflowJpeg(bytes: Uint8Array, channels: 1 | 3, maxPixels?: number): Pixels {
  return readWithin("jpeg", () => decode(bytes, channels, maxPixels));
}

const MARKER = {
  startOfImage: 0xd8,
  endOfImage: 0xd9,
  startOfScan: 0xda,
  quantization: 0xdb,
  huffman: 0xc4,
  restartInterval: 0xdd,
  jfif: 0xe0,
  adobe: 0xee,
} as const;

function decode(file: Uint8Array, channels: 1 | 3, maxPixels: number | undefined): Pixels {
  const tables = new JpegTables();
  const markers: ColourMarkers = { hasJfif: false, adobe: undefined };
  let frame: Frame | undefined;
  let colours: Colours | undefined;
  let components: ComponentData[] | undefined;
  let at = 2;
  if (word(file, 0) !== 0xffd8) throw brokenData("jpeg");
  for (;;) {
    at = nextMarker(file, at);
    const marker = file[at + 1] as number;
    at += 2;
    if (marker === MARKER.endOfImage) break;
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) continue;
    const length = word(file, at);
    if (length < 2 || at + length > file.length) throw brokenData("jpeg");
    const content = file.subarray(at + 2, at + length);
    at += length;
    if (marker === MARKER.quantization) tables.readQuantization(content);
    else if (marker === MARKER.huffman) tables.readHuffman(content);
    else if (marker === MARKER.restartInterval) tables.readRestartInterval(content);
    else if (marker === MARKER.jfif) markers.hasJfif ||= content.length >= 14 && startsWith(content, "JFIF\0");
    else if (marker === MARKER.adobe) {
      if (content.length >= 12 && startsWith(content, "Adobe")) markers.adobe = content[11];
    } else if (marker >= 0xc0 && marker <= 0xc2) {
      if (frame !== undefined) throw brokenData("jpeg");
      frame = readFrame(content, marker === 0xc2);
      if (maxPixels !== undefined && frame.width * frame.height > maxPixels) throw brokenData("jpeg");
    } else if (marker === MARKER.startOfScan) {
      // A scan of everything is the only one of a sequential file.
      if (frame === undefined || components?.[0]?.keeps === false) throw brokenData("jpeg");
      colours ??= chooseColours(frame, markers, channels);
      components ??= createComponents(frame, content[0] ?? 0, colours.needed, file.length);
      at = readScan(file, at, readScanHeader(content, components), frame, tables);
    } else assertSkippable(marker);
  }
  if (frame === undefined || components === undefined || colours === undefined) throw brokenData("jpeg");
  return toPixels(frame, components, colours);
}

/** libjpeg passes over bytes that belong to nothing. */
function nextMarker(file: Uint8Array, from: number): number {
  for (let at = file.indexOf(0xff, from); at >= 0 && at + 1 < file.length; at = file.indexOf(0xff, at + 1)) {
    if (file[at + 1] !== 0 && file[at + 1] !== 0xff) return at;
  }
  throw brokenData("jpeg");
}

function assertSkippable(marker: number): void {
  const isApplication = marker >= 0xe0 && marker <= 0xef;
  if (isApplication || marker === 0xfe || marker === 0xdc || marker === 0xcc) return;
  if (marker === 0xc9 || marker === 0xca)
    throw unsupportedKind("a JPEG with arithmetic coding: it is not read as TensorFlow reads it");
  if (marker >= 0xc3 && marker <= 0xcf)
    throw unsupportedKind("a lossless or hierarchical JPEG: TensorFlow does not read it");
  throw brokenData("jpeg");
}

/**
 * Takes the memory for a picture. Each block has at least one bit in a progressive file and two in a sequential one: a small file
 * that says it is large is cut short, and found out before.
 */
function createComponents(frame: Frame, inScan: number, needed: number, fileBytes: number): ComponentData[] {
  const blocks = frame.components.reduce((sum, { blocksAcross, blocksDown }) => sum + blocksAcross * blocksDown, 0);
  if (blocks > fileBytes * (frame.isProgressive ? 8 : 4)) throw brokenData("jpeg");
  const keeps = frame.isProgressive || inScan < frame.components.length;
  return frame.components.map((component, index) => createComponentData(component, keeps, index < needed));
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[i] !== text.charCodeAt(i)) return false;
  return true;
}
