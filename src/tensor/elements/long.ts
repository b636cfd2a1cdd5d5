/** Digits that always fit in 64 bits without a sign. */
export const LONG_DIGITS = 19;

const LOWER_DIGITS = 9;
const LOWER = 1e9;
const TWO_16 = 2 ** 16;
const TWO_32 = 2 ** 32;

/**
 * The whole number of up to 19 ASCII digits from `start` to `end`, as its low and high 32 bits in `halves`. A BigInt of the text would
 * cost ten times as much.
 */
export function readLong(bytes: Uint8Array, start: number, end: number, halves: Uint32Array): void {
  const middle = end - LOWER_DIGITS;
  let upper = 0;
  for (let i = start; i < middle; i++) upper = upper * 10 + (bytes[i] as number) - 0x30;
  let lower = 0;
  for (let i = Math.max(start, middle); i < end; i++) lower = lower * 10 + (bytes[i] as number) - 0x30;
  // upper is below 10^10; its product with 10^9 is put together from two parts that doubles hold exactly.
  const upperHead = Math.floor(upper / TWO_16);
  const head = upperHead * LOWER;
  const tail = (upper - upperHead * TWO_16) * LOWER + lower;
  // Divisions instead of %, which is a call of the C library for numbers of this size.
  const headHigh = Math.floor(head / TWO_16);
  const tailHigh = Math.floor(tail / TWO_32);
  const low = (head - headHigh * TWO_16) * TWO_16 + (tail - tailHigh * TWO_32);
  const carry = low >= TWO_32 ? 1 : 0;
  halves[0] = low;
  halves[1] = headHigh + tailHigh + carry;
}
