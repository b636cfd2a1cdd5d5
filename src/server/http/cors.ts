import type { IncomingMessage, ServerResponse } from "node:http";

const EXPOSED = "x-request-id, server-timing, inference-header-content-length, retry-after";

/**
 * Lets pages of these origins read responses (https://fetch.spec.whatwg.org/#http-cors-protocol); `*` is every origin, without
 * credentials. Headers are set before anybody writes a head, so they hold for every front of HTTP.
 * @returns true when the request was a preflight and has been answered.
 */
export function applyCors(origins: readonly string[], incoming: IncomingMessage, outgoing: ServerResponse): boolean {
  const { origin } = incoming.headers;
  const everybody = origins.includes("*");
  if (!everybody) outgoing.setHeader("vary", "Origin");
  if (origin === undefined || !(everybody || origins.includes(origin))) return false;
  outgoing.setHeader("access-control-allow-origin", everybody ? "*" : origin);
  outgoing.setHeader("access-control-expose-headers", EXPOSED);
  if (incoming.method !== "OPTIONS" || incoming.headers["access-control-request-method"] === undefined) return false;
  outgoing.setHeader("access-control-allow-methods", "GET, HEAD, POST");
  const asked = incoming.headers["access-control-request-headers"];
  if (asked !== undefined) outgoing.setHeader("access-control-allow-headers", asked);
  outgoing.setHeader("access-control-max-age", "600");
  outgoing.writeHead(204).end();
  return true;
}
