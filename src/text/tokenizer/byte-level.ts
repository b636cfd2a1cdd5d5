import { type AlignedText, mapChars } from "./aligned-text.ts";

/** GPT-2's letters for bytes: the printable ones of Latin-1 stand for themselves, the others follow from U+0100 on. */
const LETTERS: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCharCode(printable ? byte : next++);
  });
})();

/** Letter that stands for a space. */
export const SPACE_LETTER: string = LETTERS[0x20] ?? "";

/** Each code point becomes the letters of its UTF-8 bytes. */
export function encodeByteLevel(text: AlignedText): AlignedText {
  return mapChars(text, (char) => Array.from(Buffer.from(char), (byte) => LETTERS[byte]).join(""));
}
