/** A value for messages: what kind it is, and as much of it as a reader needs. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "bigint") return cut(String(value));
  if (typeof value === "string") return `the string ${cut(JSON.stringify(value))}`;
  if (Array.isArray(value)) return value.length === 1 ? "an array of 1 value" : `an array of ${value.length} values`;
  if (typeof value !== "object") return `a ${typeof value}`;
  const keys = Object.keys(value);
  return keys.length === 0 ? "an empty object" : `an object with ${cut(keys.join(", "))}`;
}

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
