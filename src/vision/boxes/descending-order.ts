import { invalidArgument } from "../../errors.ts";

/** Keys are 32 bits of score and 21 of place, which a double holds. */
const MOST = 2 ** 21;

/**
 * Places of the scores, the largest first, equal ones as they come. Sorted as doubles, since a comparing sort of 100,000 places
 * holds the event loop for a tenth of a second.
 * @throws InferenceError invalid_argument for more than 2,097,152 scores.
 */
export function descendingOrder(scores: Float32Array): Uint32Array {
  if (scores.length > MOST) throw invalidArgument(`expected at most ${MOST} boxes, got ${scores.length}`);
  const word = new Uint32Array(1);
  const float = new Float32Array(word.buffer);
  const keys = new Float64Array(scores.length);
  for (let i = 0; i < scores.length; i++) {
    // + 0 makes -0 a 0: the two are equal.
    float[0] = (scores[i] as number) + 0;
    const bits = word[0] as number;
    const rising = bits >>> 31 === 0 ? bits + 0x80000000 : 0xffffffff - bits;
    keys[i] = (0xffffffff - rising) * MOST + i;
  }
  keys.sort();
  const order = new Uint32Array(keys.length);
  for (let i = 0; i < keys.length; i++) order[i] = (keys[i] as number) % MOST;
  return order;
}
