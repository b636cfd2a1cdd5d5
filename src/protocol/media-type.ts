/** One media type of a Content-Type header. */
export interface MediaType {
  /** `type/subtype`, lower case. */
  readonly essence: string;
  /** Parameters by lower-case name, values without their quotes. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Media types of a Content-Type header (RFC 9110 §8.3): none for a missing header, two where somebody sent it twice and
 * the values were joined by a comma.
 */
export function parseMediaTypes(header: string | undefined): readonly MediaType[] {
  if (header === undefined) return [];
  return splitOutsideQuotes(header, ",")
    .map((text) => parseMediaType(text))
    .filter(({ essence }) => essence !== "");
}

function parseMediaType(text: string): MediaType {
  const [essence = "", ...rest] = splitOutsideQuotes(text, ";");
  const parameters: Record<string, string> = {};
  for (const part of rest) {
    const equals = part.indexOf("=");
    if (equals === -1) continue;
    const name = part.slice(0, equals).trim().toLowerCase();
    if (name !== "" && !Object.hasOwn(parameters, name)) parameters[name] = unquote(part.slice(equals + 1).trim());
  }
  return { essence: essence.trim().toLowerCase(), parameters };
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let quoted = false;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quoted && character === "\\") i++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === separator) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function unquote(text: string): string {
  return text.startsWith('"') ? text.replace(/^"|"$/g, "").replace(/\\(.)/g, "$1") : text;
}

/** True for `application/json` and types built on it (`application/problem+json`). */
export function isJson({ essence }: MediaType): boolean {
  return essence === "application/json" || essence === "text/json" || essence.endsWith("+json");
}

/** True for `application/octet-stream`, the type of V2's binary bodies. */
export function isOctetStream({ essence }: MediaType): boolean {
  return essence === "application/octet-stream";
}
