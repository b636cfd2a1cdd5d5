import type { EncodedToken, Encoding } from "./encoding.ts";

/** An encoding on its way between threads: objects for each token would be copied one by one. */
export interface PackedEncoding {
  /** All tokens, one behind the other. */
  readonly text: string;
  /** Seven numbers a token. */
  readonly numbers: Int32Array;
}

const NUMBERS = 7;
const NONE = -1;

/** One window; the others of `overflowing` are packed for themselves. */
export function packEncoding({ tokens }: Encoding): PackedEncoding {
  const numbers = new Int32Array(tokens.length * NUMBERS);
  tokens.forEach(({ id, token, typeId, offsets, wordId = NONE, sequence = NONE, attention }, index) => {
    numbers.set([id, token.length, typeId, ...offsets, wordId, sequence * 2 + attention], index * NUMBERS);
  });
  return { text: tokens.map(({ token }) => token).join(""), numbers };
}

export function unpackEncoding({ text, numbers }: PackedEncoding): Encoding {
  const tokens: EncodedToken[] = [];
  let start = 0;
  for (let at = 0; at < numbers.length; at += NUMBERS) {
    const number = (place: number) => numbers[at + place] as number;
    const end = start + number(1);
    const wordId = number(5);
    const sequence = number(6) >> 1;
    tokens.push({
      id: number(0),
      token: text.slice(start, end),
      typeId: number(2),
      offsets: [number(3), number(4)],
      wordId: wordId === NONE ? undefined : wordId,
      sequence: sequence === NONE ? undefined : (sequence as 0 | 1),
      attention: (number(6) & 1) as 0 | 1,
    });
    start = end;
  }
  return { tokens, overflowing: [] };
}
