import { invalidArgument } from "../errors.ts";

const LONGEST_URL = 8192;

/**
 * A URL that may be downloaded, in the WHATWG form, in which every odd spelling of an IPv4 address is dotted decimal.
 * Credentials and fragment are stripped.
 * @throws InferenceError invalid_argument when it is no URL or neither http nor https.
 */
export function parseDownloadUrl(text: string, base?: string): URL {
  if (text.length > LONGEST_URL) {
    throw invalidArgument(`URL of ${text.length} characters: expected at most ${LONGEST_URL}`);
  }
  if (!URL.canParse(text, base)) throw invalidArgument(`'${shorten(text)}' is not a URL`);
  const url = new URL(text, base);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw invalidArgument(`'${shorten(text)}': expected an http or https URL, got ${url.protocol.slice(0, 20)}`);
  }
  url.username = "";
  url.password = "";
  url.hash = "";
  return url;
}

/** A URL for messages: without credentials and without its query, which may carry a signature. */
export function formatUrl(url: URL): string {
  return `'${shorten(url.origin + url.pathname)}'`;
}

function shorten(text: string): string {
  const plain = text.replace(/\/\/[^/?#]*@/, "//").replace(/[?#].*$/s, "");
  return plain.length > 120 ? `${plain.slice(0, 120)}…` : plain;
}
