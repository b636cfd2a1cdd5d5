import { createDownloadCache, freshForMs } from "../../src/download/download-cache.ts";
import type { FetchResult } from "../../src/inference/request-context.ts";

test.each<[Record<string, string>, number]>([
  [{}, 0],
  [{ "cache-control": "max-age=60" }, 60_000],
  [{ "cache-control": "Public, Max-Age=60" }, 60_000],
  [{ "cache-control": 'max-age="60"' }, 60_000],
  [{ "cache-control": "max-age=60, s-maxage=5" }, 5_000],
  [{ "cache-control": "max-age=60", age: "50" }, 10_000],
  [{ "cache-control": "max-age=60", age: "70" }, 0],
  [{ "cache-control": "max-age=60, no-store" }, 0],
  [{ "cache-control": "no-cache, max-age=60" }, 0],
  [{ "cache-control": "private, max-age=60" }, 0],
  [{ "cache-control": "max-age=60", vary: "*" }, 0],
  [{ "cache-control": "max-age=-1" }, 0],
  [{ "cache-control": "max-age=soon" }, 0],
])("a response with %j is fresh for %d ms", (headers, ms) => {
  expect(freshForMs(headers)).toBe(ms);
});

function answer(bytes: number, status = 200): FetchResult {
  return { url: "http://pictures.example/", status, contentType: undefined, body: new Uint8Array(bytes) };
}

const headers = { "cache-control": "max-age=60" };

test("the oldest answers go when the bytes are used up", () => {
  const cache = createDownloadCache(1000);
  for (const key of ["a", "b", "c"]) cache.put(key, answer(400), headers);
  expect([cache.get("a"), cache.get("b")?.body.length, cache.get("c")?.body.length]).toEqual([undefined, 400, 400]);
});

test("a response larger than the cache and one of another status than 200 are not kept", () => {
  const cache = createDownloadCache(1000);
  cache.put("large", answer(1001), headers);
  cache.put("missing", answer(1, 404), headers);
  expect([cache.get("large"), cache.get("missing")]).toEqual([undefined, undefined]);
});
