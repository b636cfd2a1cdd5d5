import { EXACT_MANTISSA, type NumberScanner } from "./number-scanner.ts";

/**
 * Reads integers or booleans from the one at `start` up to the `]` behind the last, whose index it returns; rows of
 * `rowSize` elements that follow are read in the same go. Like `readFloatRows`, it keeps everything in locals.
 */
export function readIntegerRows(scanner: NumberScanner, start: number, rowSize: number): number {
  const { bytes, smallest, largest } = scanner;
  const { chunk } = scanner.sink;
  let filled = scanner.filled;
  let inRow = scanner.takeRow();
  let at = start;
  for (;;) {
    const begin = at;
    const negative = bytes[at] === 0x2d;
    if (negative) at++;
    let digit = (bytes[at] as number) - 0x30;
    let value = digit;
    if (digit >= 0 && digit <= 9) {
      digit = (bytes[++at] as number) - 0x30;
      if (value !== 0) {
        while (digit >= 0 && digit <= 9) {
          value = value * 10 + digit;
          digit = (bytes[++at] as number) - 0x30;
        }
      }
      if (negative) value = -value;
      if (digit === -2 || digit === 0x15 || digit === 0x35 || value >= EXACT_MANTISSA || value <= -EXACT_MANTISSA) {
        value = scanner.readWhole(begin, at, filled);
        if (Number.isNaN(value)) filled = 0;
        at = scanner.after;
        digit = (bytes[at] as number) - 0x30;
      } else if (value < smallest || value > largest) {
        throw scanner.outOfRange(begin, at);
      }
    } else {
      value = scanner.readBoolean(at, begin);
      at = scanner.after;
      digit = (bytes[at] as number) - 0x30;
    }
    // NaN stands for an integer that no double holds; it went to the sink by itself.
    if (!Number.isNaN(value)) chunk[filled++] = value;
    else if (at > scanner.until) return scanner.leave(at, inRow + 1);
    if (filled === chunk.length) {
      scanner.flush(filled, begin);
      filled = 0;
      if (at > scanner.until) return scanner.leave(at, inRow + 1);
    }
    inRow++;
    if (digit !== -4) {
      if (digit !== 0x2d) at = scanner.skipSpace(at);
      if (bytes[at] === 0x5d) {
        const next = inRow === rowSize ? scanner.nextRow(at) : 0;
        if (next === 0) {
          scanner.filled = filled;
          scanner.inRow = inRow;
          return at;
        }
        at = next;
        inRow = 0;
        continue;
      }
      if (bytes[at] !== 0x2c) throw scanner.fail(at, "',' or ']' after a number");
    }
    if ((bytes[++at] as number) <= 0x20) at = scanner.skipSpace(at);
  }
}
