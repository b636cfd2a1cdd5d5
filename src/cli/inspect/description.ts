/** What `inspect` says of a folder. */
export interface FolderDescription {
  readonly rows: readonly (readonly [title: string, value: string])[];
  readonly json: object;
}

/** `5: cat, dog, … , yak`. */
export function formatLabels(labels: readonly string[]): string {
  if (labels.length === 0) return "none";
  const shown = labels.length <= 6 ? labels : [...labels.slice(0, 3), "…", ...labels.slice(-1)];
  return `${labels.length}: ${shown.join(", ")}`;
}
