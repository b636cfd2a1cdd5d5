/**
 * Whether an AVIF's container turns or mirrors the picture (`irot`, `imir`), which the decoder does; Pillow looks into XMP only where it
 * does not. Source: ISO/IEC 23008-12, §6.5.10 and §6.5.12; the properties stand in the box `meta` of the file.
 */
export function isTurnedByContainer(avif: Uint8Array): boolean {
  const file = Buffer.from(avif.buffer, avif.byteOffset, avif.byteLength);
  for (let at = 0; at + 8 <= file.length; ) {
    const size = file.readUInt32BE(at);
    const box = file.subarray(at, at + size);
    if (file.toString("latin1", at + 4, at + 8) === "meta") return box.includes("irot") || box.includes("imir");
    if (size < 8) return false;
    at += size;
  }
  return false;
}
