/** Of a text that is cut, the share that stands before the cut. */
const HEAD = 3 / 4;

/**
 * A text of at most about `most` UTF-16 units: what is longer loses its middle, since messages say where at their beginning and why at
 * their end. No surrogate pair is cut in two.
 */
export function shortenText(text: string, most: number): string {
  if (text.length <= most) return text;
  let end = Math.ceil(most * HEAD);
  let start = text.length - (most - end);
  if (isHighSurrogate(text, end - 1)) end--;
  if (isHighSurrogate(text, start - 1)) start++;
  return `${text.slice(0, end)}… ${start - end} characters …${text.slice(start)}`;
}

/** True for the first half of a surrogate pair, or one that stands alone: between it and the next unit nothing is cut. */
export function isHighSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit < 0xdc00;
}
