import { createRequire } from "node:module";
import type { FetchResult } from "../inference/request-context.ts";

/** Answers kept as long as their Cache-Control says, bounded by their bytes. */
export interface DownloadCache {
  get(key: string): FetchResult | undefined;
  /** Keeps the response when `headers` allow it, else does nothing. */
  put(key: string, result: FetchResult, headers: CacheHeaders): void;
}

export interface CacheHeaders {
  readonly [name: string]: string | readonly string[] | undefined;
}

/** A cache of at most `maxBytes`, bodies and keys counted. */
export function createDownloadCache(maxBytes: number): DownloadCache {
  // By require: without a cache nothing of it is loaded.
  const { LRUCache } = createRequire(import.meta.url)("lru-cache") as typeof import("lru-cache");
  const entries = new LRUCache<string, FetchResult>({
    maxSize: maxBytes,
    sizeCalculation: ({ body }, key) => body.byteLength + key.length + 1,
  });
  return {
    get: (key) => entries.get(key),
    put(key, result, headers) {
      const ttl = freshForMs(headers);
      if (result.status === 200 && ttl > 0) entries.set(key, result, { ttl });
    },
  };
}

/**
 * How long a shared cache may give this answer again (RFC 9111): `s-maxage` before `max-age`, less the `Age` that it has
 * already; 0 without either, and for no-store, no-cache, private and `Vary: *`.
 */
export function freshForMs(headers: CacheHeaders): number {
  const directives = new Map(
    joined(headers["cache-control"])
      .toLowerCase()
      .split(",")
      .map((part): [string, string] => {
        const [name = "", value = ""] = part.split("=");
        return [name.trim(), value.trim().replace(/^"(.*)"$/, "$1")];
      }),
  );
  if (["no-store", "no-cache", "private"].some((name) => directives.has(name))) return 0;
  if (joined(headers["vary"]).includes("*")) return 0;
  const maxAge = directives.get("s-maxage") ?? directives.get("max-age");
  if (maxAge === undefined || !/^\d+$/.test(maxAge)) return 0;
  const age = Number.parseInt(joined(headers["age"]), 10) || 0;
  return Math.max(0, Number(maxAge) - age) * 1000;
}

function joined(header: string | readonly string[] | undefined): string {
  return typeof header === "string" ? header : (header ?? []).join(",");
}
