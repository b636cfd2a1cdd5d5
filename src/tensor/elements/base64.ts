/**
 * Bytes of strict base64 (RFC 4648 §4: padded, nothing else inside), or undefined when the text is not that. Buffer looks at the text
 * at native speed, where a search of our own for foreign characters stops the event loop for long: it leaves out what is foreign and
 * stops at a padding inside, and either shows in the length.
 */
export function parseBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !isAscii(text) || text.includes("-") || text.includes("_")) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== (text.length / 4) * 3 - padding) return undefined;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Buffer takes other characters for their lowest byte. */
function isAscii(text: string): boolean {
  return Buffer.byteLength(text, "utf8") === text.length;
}

/** As `parseBase64`; the base64 may stand behind the head of a `data:` URL (RFC 2397), as browsers' FileReader gives it. */
export function parseBase64Data(text: string): Uint8Array | undefined {
  if (!/^data:/i.test(text)) return parseBase64(text);
  const comma = text.indexOf(",");
  return /;base64$/i.test(text.slice(0, comma)) ? parseBase64(text.slice(comma + 1)) : undefined;
}

/** Base64 with padding. */
export function formatBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
