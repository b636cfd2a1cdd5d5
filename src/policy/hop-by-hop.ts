/**
 * Headers that concern one connection only and never travel on (RFC 9110 §7.6.1), with `trailer` and the proxy credentials
 * of RFC 9110 §11.7.
 */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

export function isHopByHop(name: string): boolean {
  return HOP_BY_HOP.has(name);
}

/** Lower-case names that a `Connection` header declares hop-by-hop, besides the usual `keep-alive` and `close`. */
export function connectionOptions(connection: string | readonly string[] | undefined): readonly string[] {
  if (connection === undefined || connection === "keep-alive" || connection === "close") return NONE;
  return String(connection)
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
}

const NONE: readonly string[] = [];

/** The headers without those of the connection; names are lower case already. */
export function withoutHopByHop(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  const named = connectionOptions(headers["connection"]);
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || HOP_BY_HOP.has(name) || (named.length > 0 && named.includes(name))) continue;
    kept[name] = value;
  }
  return kept;
}
