/** Each has one word that pages and messages use instead: again or restart; fix. Code in backticks may keep its names. */
const WORDS = /\b(anew|mend|mends|mended)\b/i;

/**
 * A sentence whose subject is "who…" or that turns verb and subject round: "Who cannot wait keeps one", "Nor is it read",
 * "Only then does it start". A question may begin so.
 */
const TURNED = [
  /^who (?![^.]*\?)\w+/i,
  /^(nor|neither|never|seldom|rarely|hardly|so|thus) (is|are|was|were|do|does|did|has|have|can|may|must|will|would|should) /i,
  /^(only|not only|not until|no sooner)\b[^,.]* (is|are|does|do|did|has|have|can|may|must|will) (a |an |the |it |its |they |you |each |one )/i,
  /^only (then|there|here|so|thus)\b/i,
  /\b(nor|and neither|and so) (is|are|does|do|did|has|have|can|may|must|will) /i,
  /\bwhoever\b/i,
];

/** The sentences of a page's text; list entries, cells of tables and headings count as such. */
function sentences(text: string): string[] {
  const prose = text.replaceAll(/^ *```[\s\S]*?^ *```/gm, "").replaceAll(/`[^`]*`/g, "`code`");
  return prose
    .split(/\n\s*\n|\n(?=\s*(?:[-*#|>]|\d+\.))/)
    .flatMap((block) => block.replaceAll(/\s+/g, " ").split(/(?<=[.!?:;])\s|\|/))
    .map((sentence) => sentence.replace(/^[\s#>*_-]+/, "").trim());
}

/** What an editor would change in it. */
export function faultsOf(text: string): string[] {
  return sentences(text).filter((sentence) => WORDS.test(sentence) || TURNED.some((turned) => turned.test(sentence)));
}
