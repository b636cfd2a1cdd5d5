import type { Tensor } from "kserve-transformer";

const SURE = Math.fround(0.9);

export interface Line {
  readonly text: string;
  /** Mean probability of its characters, 0 to 1. */
  readonly score: number;
}

/**
 * Texts from FP32 [crops, steps, classes]: the likeliest class of each step, repetitions and blanks left out (CTC). Class 0 is the
 * blank, the last one the space, those between are `characters`.
 * @throws Error when there are more classes or fewer.
 */
export function decodeTexts({ shape, data }: Tensor, characters: readonly string[]): Line[] {
  const [count, steps, classes] = shape as [number, number, number];
  if (classes !== characters.length + 2) {
    throw new Error(`expected ${characters.length + 2} classes for ${characters.length} characters, got ${classes}`);
  }
  const scores = data as Float32Array;
  return Array.from({ length: count }, (_, row) => {
    let [text, sum, read, before] = ["", 0, 0, 0];
    for (let step = 0; step < steps; step++) {
      const from = (row * steps + step) * classes;
      const best = likeliest(scores, from, classes);
      if (best !== 0 && best !== before) {
        text += characters[best - 1] ?? " ";
        sum += scores[from + best] as number;
        read += 1;
      }
      before = best;
    }
    return { text, score: read === 0 ? 0 : sum / read };
  });
}

/** Which rows of FP32 [crops, 2] say that a crop stands on its head, and are sure of it. */
export function decodeTurns({ shape, data }: Tensor): boolean[] {
  const scores = data as Float32Array;
  return Array.from({ length: shape[0] as number }, (_, row) => (scores[2 * row + 1] as number) > SURE);
}

function likeliest(scores: Float32Array, from: number, classes: number): number {
  let best = 0;
  for (let one = 1; one < classes; one++)
    if ((scores[from + one] as number) > (scores[from + best] as number)) best = one;
  return best;
}
