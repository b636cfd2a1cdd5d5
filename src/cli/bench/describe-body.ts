const MAX_CHARACTERS = 200;

/** What an error's body says, on one line: its `error` or `message` where it is JSON of that kind. */
export function describeBody(text: string): string {
  return (sentenceOf(text) ?? text).replaceAll(/\s+/g, " ").trim().slice(0, MAX_CHARACTERS);
}

function sentenceOf(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const { error, message, detail } = value as Readonly<Record<string, unknown>>;
    return [error, message, detail].find((member): member is string => typeof member === "string");
  } catch {
    return undefined;
  }
}
