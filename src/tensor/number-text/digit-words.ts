/** ASCII digits four at a time: in a word read little-endian the first of four characters is the lowest byte. */

/** True when all four characters of the word are digits. */
export function isFourDigits(word: number): boolean {
  // A digit has 3 as its upper half, and still has when 6 is added.
  return ((word & 0xf0f0f0f0) | (((word + 0x06060606) & 0xf0f0f0f0) >>> 4)) === 0x33333333;
}

/** The number that four digits say. */
export function parseFourDigits(word: number): number {
  const digits = word & 0x0f0f0f0f;
  const pairs = (Math.imul(digits, 10) + (digits >>> 8)) & 0x00ff00ff;
  return (Math.imul(pairs, 100) + (pairs >>> 16)) & 0xffff;
}
