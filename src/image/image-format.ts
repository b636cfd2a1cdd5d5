import { looksLikeTga } from "./decode/tga/tga-header.ts";
import type { ImageFormat } from "./image.ts";

/** What the first bytes say the file is; nothing is handed to a decoder on the word of a name or a content type. */
export function sniffImageFormat(bytes: Uint8Array): ImageFormat | undefined {
  const head = latin1(bytes.subarray(0, 64));
  if (head.startsWith("\xff\xd8\xff")) return "jpeg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "gif";
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return "webp";
  if (head.slice(4, 8) === "ftyp" && /^(avif|avis)/.test(head.slice(8))) return "avif";
  if (head.slice(4, 8) === "ftyp" && /avif/.test(head.slice(16))) return "avif";
  if (head.startsWith("II*\0") || head.startsWith("MM\0*")) return "tiff";
  // The size of its header is far below 16777216: a text that begins with BM is none.
  if (head.startsWith("BM") && head.slice(15, 18) === "\0\0\0") return "bmp";
  if (/^P[1-6][\t-\r ]/.test(head)) return "pnm";
  if (looksLikeTga(bytes)) return "tga";
  return undefined;
}

/** A name for bytes that are none of the accepted formats, for the message to who sent them. */
export function describeUnknownBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) return "nothing (0 bytes)";
  const head = latin1(bytes.subarray(0, 1024))
    .replace(/^\xef\xbb\xbf/, "")
    .trimStart();
  if (/^<(\?xml|!--|svg|!doctype svg)/i.test(head) && /<svg|doctype svg/i.test(head)) return "an SVG";
  if (/^(<!doctype html|<html|<head|<body)/i.test(head)) return "an HTML page";
  if (head.startsWith("II+\0") || head.startsWith("MM\0+")) return "a BigTIFF";
  if (head.startsWith("%PDF")) return "a PDF";
  if (/^....ftyp(hei|mif|msf)/s.test(head)) return "a HEIC";
  if (/^[\t\n\r\x20-\x7e]*$/.test(head)) return "text";
  return `${bytes.length} bytes of another kind`;
}

/** One character a byte; TextDecoder's "latin1" is windows-1252. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
