/**
 * Scans of a JPEG (markers SOS, ITU-T T.81 section B.2), counted as libjpeg finds them, without decoding. Each scan of a progressive
 * JPEG passes over the whole picture, however few its bytes are: a small file can hold a decoder for as long as it has scans.
 */
export function countJpegScans(bytes: Uint8Array): number {
  let scans = 0;
  for (let at = bytes.indexOf(0xff, 2); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at)) {
    const marker = bytes[at + 1] as number;
    if (marker === END_OF_IMAGE) break;
    if (marker === START_OF_SCAN) scans++;
    if (marker === 0xff) at += 1;
    else if (hasNoLength(marker)) at += 2;
    else at += 2 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
  }
  return scans;
}

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;

/** A byte 255 among compressed data, a restart, TEM: nothing follows that could be skipped. */
function hasNoLength(marker: number): boolean {
  return marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}
