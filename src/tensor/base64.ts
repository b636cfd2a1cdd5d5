/** Bytes of strict base64 (RFC 4648 §4: padded, nothing else inside), or undefined when the text is not that. */
export function parseBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = Buffer.from(text, "base64");
  // Buffer skips what is not base64, so foreign characters show in the length; it reads base64url too.
  const foreign = bytes.length !== (text.length / 4) * 3 - padding || text.includes("-") || text.includes("_");
  return foreign ? undefined : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Base64 with padding. */
export function formatBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
