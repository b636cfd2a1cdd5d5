import { InferenceError } from "../../errors.ts";
import { softmaxRow } from "../../tensor/activations.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { EncodedToken, Encoding } from "../tokenizer/encoding.ts";
import { tokenRows } from "./logit-rows.ts";

/** How tokens become entities, named as in Hugging Face's token-classification pipeline. */
export type AggregationStrategy = "none" | "simple" | "first" | "average" | "max";

export interface TokenClassificationOptions {
  readonly labels: readonly string[];
  /** @default "none" */
  readonly strategy?: AggregationStrategy;
  /** Labels that are left out. @default ["O"] */
  readonly ignoreLabels?: readonly string[];
  /** True for tokenizers that mark how words go on (`Tokenizer.marksContinuation`); others go by spaces. */
  readonly marksContinuation: boolean;
  /** Token for what is not in the vocabulary; begins a word of its own. */
  readonly unknownToken?: string | undefined;
}

/** A token (`none`), or a stretch of the text; `start` and `end` count code points. */
export type TextEntity = {
  readonly entity?: string;
  readonly entity_group?: string;
  readonly score: number;
  /** Place among the tokens; with `none` only. */
  readonly index?: number;
  /** The token with `none` (the text where it is unknown), else the text from start to end. */
  readonly word: string;
  readonly start: number;
  readonly end: number;
};

interface Scored {
  readonly token: EncodedToken;
  readonly index: number;
  readonly scores: readonly number[];
  readonly isSubword: boolean;
}

interface Labelled {
  readonly label: string;
  readonly score: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The entities of each text, from logits of shape [texts, tokens, labels]; as Hugging Face's token-classification pipeline
 * aggregates them, computed in float64. `word` is the text itself, where Python joins the tokens again.
 * @param encodings What was sent, padded, one for each of `texts`.
 * @throws InferenceError bad_gateway when the logits have other sizes than what was sent, or another number a token than there
 *   are labels.
 */
export function findEntities(
  logits: Tensor,
  encodings: readonly Encoding[],
  texts: readonly string[],
  options: TokenClassificationOptions,
): TextEntity[][] {
  const { labels, strategy = "none", ignoreLabels = ["O"], unknownToken } = options;
  const rows = tokenRows(logits, encodings.length, encodings[0]?.tokens.length ?? 0);
  if (logits.shape[2] !== labels.length) {
    const message = `output '${logits.name}' of shape [${logits.shape}]: expected ${labels.length} scores a token, one a label, got ${logits.shape[2]}`;
    throw new InferenceError(message, { code: "bad_gateway" });
  }
  return encodings.map(({ tokens }, text) => {
    const chars = Array.from(texts[text] ?? "");
    const scored = tokens.flatMap((token, index): Scored[] => {
      if (token.sequence === undefined) return [];
      const scores = softmaxRow(rows[text]?.[index] ?? []);
      return [{ token, index, scores, isSubword: isSubword(token, chars, options) }];
    });
    const kept = (label: string) => !ignoreLabels.includes(label);
    if (strategy === "none") {
      return scored
        .map((one) => ({ ...best(one.scores, labels), one }))
        .filter(({ label }) => kept(label))
        .map(({ label, score, one: { token, index } }) => {
          const [start, end] = token.offsets;
          const word = token.token === unknownToken ? chars.slice(start, end).join("") : token.token;
          return { entity: label, score, index, word, start, end };
        });
    }
    const words = strategy === "simple" ? scored.map((one) => [one]) : groupWords(scored);
    const labelled = words.map((word): Labelled => {
      const [start, end] = [word[0]?.token.offsets[0] ?? 0, word.at(-1)?.token.offsets[1] ?? 0];
      return { ...best(wordScores(word, strategy), labels), start, end };
    });
    return groupEntities(labelled)
      .filter(({ entity_group: label }) => kept(label))
      .map((group) => ({ ...group, word: chars.slice(group.start, group.end).join("") }));
  });
}

function isSubword(
  { token, offsets: [start, end] }: EncodedToken,
  chars: readonly string[],
  { marksContinuation, unknownToken }: TokenClassificationOptions,
): boolean {
  if (token === unknownToken) return false;
  if (marksContinuation) return Array.from(token).length !== end - start;
  return start > 0 && !chars.slice(start - 1, start + 1).includes(" ");
}

function best(scores: readonly number[], labels: readonly string[]): { label: string; score: number } {
  const score = scores.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return { label: labels[scores.indexOf(score)] ?? "", score };
}

function groupWords(scored: readonly Scored[]): Scored[][] {
  const words: Scored[][] = [];
  for (const one of scored) {
    if (one.isSubword && words.length > 0) words.at(-1)?.push(one);
    else words.push([one]);
  }
  return words;
}

function wordScores(word: readonly Scored[], strategy: AggregationStrategy): readonly number[] {
  const [first, ...others] = word;
  if (first === undefined) return [];
  if (strategy === "average") {
    return first.scores.map(
      (_, label) => word.reduce((sum, { scores }) => sum + (scores[label] ?? 0), 0) / word.length,
    );
  }
  if (strategy !== "max") return first.scores;
  return others.reduce((most, one) => (Math.max(...one.scores) > Math.max(...most.scores) ? one : most), first).scores;
}

/** Words side by side with one tag are one entity; `B-` begins another. */
function groupEntities(
  words: readonly Labelled[],
): { entity_group: string; score: number; start: number; end: number }[] {
  const groups: Labelled[][] = [];
  for (const word of words) {
    const last = groups.at(-1)?.at(-1);
    const joins = last !== undefined && tagOf(word.label) === tagOf(last.label) && !word.label.startsWith("B-");
    if (joins) groups.at(-1)?.push(word);
    else groups.push([word]);
  }
  return groups.map((group) => ({
    entity_group: (group[0]?.label ?? "").replace(/^[^-]*-/, ""),
    score: group.reduce((sum, { score }) => sum + score, 0) / group.length,
    start: group[0]?.start ?? 0,
    end: group.at(-1)?.end ?? 0,
  }));
}

const tagOf = (label: string): string => label.replace(/^[BI]-/, "");
