/**
 * Classes of code points as the Rust library has them; compared with it over all of Unicode. Letters that came to Unicode
 * after its tables were made are the one difference (see docs/text.md).
 */
export const isWhitespace = (char: string): boolean => /^\p{White_Space}$/u.test(char);

/** What BERT's cleaning removes: U+0000, U+FFFD, controls, formats and private use, but tab, line feed, carriage return. */
export const isRemovedByBert = (char: string): boolean =>
  /^[\ufffd\p{Cc}\p{Cf}\p{Co}]$/u.test(char) && !/^[\t\n\r]$/.test(char);

/** U+1734 and U+1171E were nonspacing marks when the Rust library's table was made. */
export const isNonspacingMark = (char: string): boolean => /^[\p{Mn}\u1734\u{1171e}]$/u.test(char);

/** U+1CF2 and U+1CF3 were marks when the Rust library's table was made. */
export const isMark = (char: string): boolean => /^[\p{M}\u1cf2\u1cf3]$/u.test(char);

/** ASCII punctuation and symbols, and P of the rest; U+166D and U+111C9 were P when the Rust library's table was made. */
export const isPunctuation = (char: string): boolean => /^[\p{P}!-/:-@[-`{-~\u166d\u{111c9}]$/u.test(char);

/** Numbers of every kind (N), as Rust's `char::is_numeric`. */
export const isNumeric = (char: string): boolean => /^\p{N}$/u.test(char);

/** Ranges of BERT's CJK ideographs; the gap from U+2B820 to U+2B91F is the Rust library's. */
export const isIdeograph = (char: string): boolean =>
  /^[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]$/u.test(
    char,
  );
