import { EXACT_POWERS, joinDecimal } from "./decimal.ts";
import { isFourDigits, parseFourDigits } from "./digit-words.ts";
import { EXACT_MANTISSA, type NumberScanner } from "./number-scanner.ts";

/**
 * Reads floats from the one at `start` up to the `]` behind the last, whose index it returns; rows of `rowSize` elements
 * that follow are read in the same go. The hot path of the package: everything is in locals, the common number takes one
 * division, and the rest is left to functions.
 */
export function readFloatRows(scanner: NumberScanner, start: number, rowSize: number, limit: number): number {
  const { bytes, view } = scanner;
  const { chunk } = scanner.sink;
  const lastWord = bytes.length - 4;
  let filled = scanner.filled;
  let inRow = scanner.takeRow();
  let at = start;
  for (;;) {
    const begin = at;
    const negative = bytes[at] === 0x2d;
    if (negative) at++;
    let digit = (bytes[at] as number) - 0x30;
    let value: number;
    if (digit >= 0 && digit <= 9) {
      let mantissa = digit;
      let tail = 0;
      let tailDigits = 0;
      let exponent = 0;
      digit = (bytes[++at] as number) - 0x30;
      if (mantissa !== 0) {
        while (digit >= 0 && digit <= 9) {
          mantissa = mantissa * 10 + digit;
          digit = (bytes[++at] as number) - 0x30;
        }
      }
      if (digit === -2) {
        const point = ++at;
        let word = at <= lastWord ? view.getInt32(at, true) : 0;
        while (mantissa < 1e11 && isFourDigits(word)) {
          mantissa = mantissa * 10000 + parseFourDigits(word);
          at += 4;
          word = at <= lastWord ? view.getInt32(at, true) : 0;
        }
        while (tailDigits < 8 && isFourDigits(word)) {
          tail = tail * 10000 + parseFourDigits(word);
          tailDigits += 4;
          at += 4;
          word = at <= lastWord ? view.getInt32(at, true) : 0;
        }
        digit = (bytes[at] as number) - 0x30;
        while (digit >= 0 && digit <= 9) {
          tail = tail * 10 + digit;
          tailDigits++;
          digit = (bytes[++at] as number) - 0x30;
        }
        exponent = point - at;
        if (exponent === 0) throw scanner.fail(at, "a digit after the decimal point");
      }
      if (digit === 0x15 || digit === 0x35) {
        exponent += scanner.readExponent(at);
        at = scanner.after;
        digit = (bytes[at] as number) - 0x30;
      }
      const whole = tailDigits === 0 ? mantissa : mantissa * (EXACT_POWERS[tailDigits] as number) + tail;
      if (whole < EXACT_MANTISSA && exponent <= 0 && exponent >= -22) {
        value = exponent === 0 ? whole : whole / (EXACT_POWERS[-exponent] as number);
      } else {
        value = tailDigits <= 11 && mantissa < EXACT_MANTISSA ? joinDecimal(mantissa, tail, tailDigits, exponent) : NaN;
        if (Number.isNaN(value)) value = Number(scanner.textOf(negative ? begin + 1 : begin, at));
        if (value > Number.MAX_SAFE_INTEGER) scanner.assertExact(value, begin, at);
      }
      if (!(value < limit)) throw scanner.outOfRange(begin, at);
    } else {
      value = scanner.readFloatWord(at, begin);
      at = scanner.after;
      digit = (bytes[at] as number) - 0x30;
    }
    chunk[filled++] = negative ? -value : value;
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
