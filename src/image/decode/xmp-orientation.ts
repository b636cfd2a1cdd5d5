/**
 * The orientation that XMP says, 1 to 8; 1 where it says none. Pillow looks at it where EXIF has no orientation, by this pattern.
 */
export function xmpOrientation(xmp: Uint8Array | undefined): number {
  if (xmp === undefined) return 1;
  const text = Buffer.from(xmp.buffer, xmp.byteOffset, xmp.byteLength).toString("latin1");
  const value = Number(/tiff:Orientation(?:="|>)([0-9])/.exec(text)?.[1] ?? 1);
  return value >= 1 && value <= 8 ? value : 1;
}
