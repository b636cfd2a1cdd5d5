const FOREIGN = /[^A-Za-z0-9+/=]/;

/** Bytes of strict base64 (RFC 4648 §4: padded, nothing else inside), or undefined when the text is not that. */
export function parseBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || FOREIGN.test(text)) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = Buffer.from(text, "base64");
  // Buffer stops at a padding inside, which shows in the length.
  if (bytes.length !== (text.length / 4) * 3 - padding) return undefined;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Base64 with padding. */
export function formatBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
