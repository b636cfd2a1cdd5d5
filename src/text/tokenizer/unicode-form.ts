import { type AlignedText, createTextBuilder } from "./aligned-text.ts";

/**
 * Unicode normalization (UAX #15) with alignment: a code point that was composed stands for the first one of what it was
 * composed of, decomposed ones all stand for theirs.
 */
export function normalizeUnicode(text: AlignedText, form: "NFC" | "NFD" | "NFKC" | "NFKD"): AlignedText {
  const joined = text.chars.join("");
  if (joined.normalize(form) === joined) return text;
  const builder = createTextBuilder(text);
  for (let from = 0; from < text.chars.length; ) {
    let to = from + 1;
    while (to < text.chars.length && joins(text.chars, from, to, form)) to++;
    addCluster(builder.add, text.chars.slice(from, to), from, form);
    from = to;
  }
  return builder.text;
}

/** True when the code point at `to` belongs to the cluster that began at `from`: a mark, or one that composes with it. */
function joins(chars: readonly string[], from: number, to: number, form: string): boolean {
  const [before, char] = [chars.slice(from, to).join(""), chars[to] ?? ""];
  if (/^[ -~]$/.test(char)) return false;
  if (/^\p{M}$/u.test(char)) return true;
  return (before + char).normalize(form) !== before.normalize(form) + char.normalize(form);
}

function addCluster(
  add: (chars: string, index: number) => void,
  chars: readonly string[],
  from: number,
  form: string,
): void {
  const whole = chars.join("").normalize(form);
  const apart = chars.map((char) => char.normalize(form));
  if (apart.join("") === whole) {
    for (const [place, part] of apart.entries()) add(part, from + place);
    return;
  }
  // Composed or put in another order: the output is walked along the code points that it takes the place of.
  let place = 0;
  for (const char of whole) {
    add(char, from + Math.min(place, chars.length - 1));
    place += form.endsWith("C") ? Math.max(1, Array.from(char.normalize("NFD")).length) : 1;
  }
}
