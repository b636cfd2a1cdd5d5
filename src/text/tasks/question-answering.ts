import { softmaxRow } from "../../tensor/activations.ts";
import type { Encoding } from "../tokenizer/encoding.ts";

export interface QuestionAnsweringOptions {
  /** Best answers to give. @default 1 */
  readonly top?: number;
  /** Largest number of tokens of an answer. @default 15 */
  readonly maxAnswerLength?: number;
  /** Whether no answer is one (models trained on SQuAD 2). @default false */
  readonly handleImpossible?: boolean;
}

/** A stretch of the context; `start` and `end` count code points. */
export type TextAnswer = {
  readonly score: number;
  readonly start: number;
  readonly end: number;
  readonly answer: string;
};

/** One window of question and context, with the model's logits for each of its tokens. */
export interface AnswerWindow {
  readonly encoding: Encoding;
  readonly startLogits: readonly number[];
  readonly endLogits: readonly number[];
}

/**
 * The stretches of a context that answer a question best, as the question-answering pipeline of Hugging Face's transformers 4
 * finds them, computed in float64: an answer is whole words, and the scores of equal answers add up.
 * @param windows Windows over the context, the question first; special tokens are in them.
 */
export function findAnswers(
  windows: readonly AnswerWindow[],
  context: string,
  options: QuestionAnsweringOptions = {},
): TextAnswer[] {
  const { top = 1, maxAnswerLength = 15, handleImpossible = false } = options;
  const chars = Array.from(context);
  const answers = new Map<string, TextAnswer>();
  let impossible = 1_000_000;
  for (const window of windows) {
    const { tokens } = window.encoding;
    // The first token stays in the sums: a model says there that the window has no answer.
    const isCandidate = tokens.map(({ sequence }, index) => sequence === 1 || index === 0);
    const masked = (logits: readonly number[]) =>
      softmaxRow(logits.map((logit, index) => (isCandidate[index] ? logit : -10_000)));
    const [starts, ends] = [masked(window.startLogits), masked(window.endLogits)];
    impossible = Math.min(impossible, (starts[0] ?? 0) * (ends[0] ?? 0));
    // More than are asked for: several spans may be one answer when they are whole words, and then their scores add up.
    for (const { from, to, score } of bestSpans(starts, ends, isCandidate, top * 2 + 10, maxAnswerLength)) {
      const [start, end] = [wordOf(window.encoding, from)[0], wordOf(window.encoding, to)[1]];
      const answer = chars.slice(start, end).join("");
      const same = answers.get(answer.toLowerCase()) ?? { score: 0, start, end, answer };
      answers.set(answer.toLowerCase(), { ...same, score: same.score + score });
    }
  }
  const none = handleImpossible ? [{ score: impossible, start: 0, end: 0, answer: "" }] : [];
  return [...answers.values(), ...none].sort((one, other) => other.score - one.score).slice(0, top);
}

interface TokenSpan {
  readonly from: number;
  readonly to: number;
  readonly score: number;
}

function bestSpans(
  starts: readonly number[],
  ends: readonly number[],
  isCandidate: readonly boolean[],
  top: number,
  maxLength: number,
): TokenSpan[] {
  const spans: TokenSpan[] = [];
  for (let from = 1; from < starts.length; from++) {
    if (!isCandidate[from]) continue;
    for (let to = from; to < Math.min(starts.length, from + maxLength); to++) {
      if (!isCandidate[to]) continue;
      spans.push({ from, to, score: (starts[from] ?? 0) * (ends[to] ?? 0) });
      if (spans.length > 1024 + top) keepBest(spans, top);
    }
  }
  return keepBest(spans, top);
}

function keepBest(spans: TokenSpan[], top: number): TokenSpan[] {
  spans.sort((one, other) => other.score - one.score);
  spans.length = Math.min(spans.length, top);
  return spans;
}

/** Code points of the whole word that a token is part of. */
function wordOf({ tokens }: Encoding, index: number): [start: number, end: number] {
  const word = tokens.filter(({ sequence, wordId }) => sequence === 1 && wordId === tokens[index]?.wordId);
  return [word[0]?.offsets[0] ?? 0, word.at(-1)?.offsets[1] ?? 0];
}
