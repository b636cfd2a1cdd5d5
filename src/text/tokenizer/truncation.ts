import { invalidArgument } from "../../errors.ts";

export interface TruncationOptions {
  /** Largest number of tokens, special tokens included. */
  readonly maxLength: number;
  /** Which text of a pair is cut; longest_first may cut both, and leaves no windows. @default "longest_first" */
  readonly strategy?: "longest_first" | "only_first" | "only_second";
  /** Tokens that a window shares with the one before. @default 0 */
  readonly stride?: number;
  /** The end that is cut. @default "right" */
  readonly side?: "right" | "left";
}

/** The windows of each text; without truncation there is one, the whole. */
export interface Windows<Token> {
  readonly first: readonly (readonly Token[])[];
  readonly second: readonly (readonly Token[])[] | undefined;
}

/**
 * Cuts a text or a pair, as `truncate_encodings` of Hugging Face's Rust library does.
 * @param added Number of special tokens that come to them.
 * @throws InferenceError invalid_argument when the options leave no place for tokens, or the text that may be cut is too short.
 */
export function truncate<Token>(
  first: readonly Token[],
  second: readonly Token[] | undefined,
  added: number,
  options: TruncationOptions | undefined,
): Windows<Token> {
  const total = first.length + (second?.length ?? 0);
  if (options === undefined || total + added <= options.maxLength) {
    return { first: [first], second: second && [second] };
  }
  const { strategy = "longest_first" } = options;
  const room = options.maxLength - added;
  if (room < 0) {
    throw invalidArgument(`maxLength ${options.maxLength}: ${added} special tokens do not fit`);
  }
  if (strategy === "longest_first") {
    if (second === undefined) return { first: windows(first, room, options), second };
    if ((options.stride ?? 0) > 0) {
      throw invalidArgument(
        "truncation longest_first: a pair has no windows; choose only_first or only_second with stride",
      );
    }
    const [one, other] = shareRoom(first.length, second.length, room);
    const kept = (tokens: readonly Token[], length: number) => windows(tokens, length, options).slice(0, 1);
    return { first: kept(first, one), second: kept(second, other) };
  }
  const target = strategy === "only_first" ? first : second;
  const kept = (target?.length ?? 0) - (total - room);
  if (target === undefined) throw invalidArgument("truncation only_second: there is no second text");
  if (kept <= 0)
    throw invalidArgument(`truncation ${strategy}: the text is too short to be cut to ${options.maxLength} tokens`);
  const cut = windows(target, kept, options);
  return strategy === "only_first" ? { first: cut, second: second && [second] } : { first: [first], second: cut };
}

/** How many tokens each text of a pair keeps. */
function shareRoom(first: number, second: number, room: number): [number, number] {
  let [shorter, longer] = first <= second ? [first, second] : [second, first];
  longer = shorter > room ? shorter : Math.max(shorter, room - shorter);
  if (shorter + longer > room) {
    shorter = Math.floor(room / 2);
    longer = shorter + (room % 2);
  }
  return first <= second ? [shorter, longer] : [longer, shorter];
}

function windows<Token>(tokens: readonly Token[], length: number, options: TruncationOptions): Token[][] {
  const { stride = 0, side = "right" } = options;
  if (length >= tokens.length) return [[...tokens]];
  if (length === 0) return [[], [...tokens]];
  if (stride >= length) {
    throw invalidArgument(`stride ${stride}: expected fewer than the ${length} tokens that a window has`);
  }
  const parts: Token[][] = [];
  const step = length - stride;
  if (side === "right") {
    for (let start = 0; ; start += step) {
      parts.push(tokens.slice(start, start + length));
      if (start + length >= tokens.length) return parts;
    }
  }
  for (let stop = tokens.length; ; stop -= step) {
    parts.push(tokens.slice(Math.max(0, stop - length), stop));
    if (stop <= length) return parts;
  }
}
