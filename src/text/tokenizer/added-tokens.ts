import { InferenceError } from "../../errors.ts";
import { type AlignedText, sliceText } from "./aligned-text.ts";
import { isWhitespace } from "./character-classes.ts";
import type { AddedTokenConfig } from "./tokenizer-json.ts";

/** A stretch of text, or one token of the added vocabulary. */
export type Section = { readonly text: AlignedText; readonly added?: AddedTokenConfig };

interface Entry {
  readonly content: readonly string[];
  readonly token: AddedTokenConfig;
}

/** Cuts added tokens out of a text, leftmost and longest first. `contentOf` gives what is looked for. */
export function createAddedTokenSplitter(
  tokens: readonly AddedTokenConfig[],
  contentOf: (token: AddedTokenConfig) => string,
): (text: AlignedText) => Section[] {
  const byFirst = new Map<string, Entry[]>();
  for (const token of tokens) {
    const content = Array.from(contentOf(token));
    const [first] = content;
    if (first === undefined) continue;
    byFirst.set(first, [...(byFirst.get(first) ?? []), { content, token }]);
  }
  for (const entries of byFirst.values()) entries.sort((one, other) => other.content.length - one.content.length);
  if (byFirst.size === 0) return (text) => (text.chars.length === 0 ? [] : [{ text }]);

  const entryAt = ({ chars }: AlignedText, at: number) =>
    byFirst.get(chars[at] ?? "")?.find(({ content }) => content.every((char, index) => chars[at + index] === char));

  return (text) => {
    const sections: Section[] = [];
    let done = 0;
    for (let at = 0; at < text.chars.length; ) {
      const entry = entryAt(text, at);
      if (entry === undefined) {
        at++;
        continue;
      }
      let [from, to] = [at, at + entry.content.length];
      while (entry.token.lstrip && from > done && isWhitespace(text.chars[from - 1] ?? "")) from--;
      while (entry.token.rstrip && to < text.chars.length && isWhitespace(text.chars[to] ?? "")) to++;
      if (from > done) sections.push({ text: sliceText(text, done, from) });
      sections.push({ text: sliceText(text, from, to), added: entry.token });
      done = at = to;
    }
    if (done < text.chars.length) sections.push({ text: sliceText(text, done) });
    return sections;
  };
}

/**
 * Python's library numbers added tokens itself: those of the vocabulary as there, the others from its size on, whatever the file says.
 * @throws InferenceError unimplemented for a file that says another number.
 */
export function assertAddedIds(
  tokens: readonly AddedTokenConfig[],
  vocabulary: { readonly size: number; get(token: string): number | undefined },
  file: string,
): void {
  const ids = new Map<string, number>();
  let next = vocabulary.size;
  for (const [place, { content, id }] of tokens.entries()) {
    const own = ids.get(content) ?? vocabulary.get(content) ?? next;
    if (id !== own) {
      throw new InferenceError(
        `${file}: added_tokens.${place}.id: expected ${own}, the number that Python's library gives ${JSON.stringify(content)}, got ${id}`,
        { code: "unimplemented" },
      );
    }
    ids.set(content, own);
    next = Math.max(next, own + 1);
  }
}
