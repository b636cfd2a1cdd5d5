import type { ResolveHost } from "../../src/download/guarded-connector.ts";
import { createGuardedFetch, type GuardedFetchOptions } from "../../src/download/guarded-fetch.ts";
import { InferenceError } from "../../src/errors.ts";
import { HOSTILE_URLS } from "./hostile-urls.ts";
import { startServer, type TestServer } from "./http-server.ts";

const toLoopback: ResolveHost = async () => [{ address: "127.0.0.1", family: 4 }];

async function failureOf(promise: Promise<unknown>): Promise<InferenceError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(InferenceError.isInstance(error)).toBe(true);
  return error as InferenceError;
}

let canary: TestServer;
const open: { close(): Promise<void> }[] = [];
beforeEach(async () => {
  canary = await startServer((_, response) => response.end("reached"));
});
afterEach(async () => {
  for (const one of [...open.splice(0), canary]) await one.close();
});

function createFetch(options: GuardedFetchOptions) {
  const fetch = createGuardedFetch(options);
  open.push(fetch);
  return fetch;
}

test("there are at least 100 hostile URLs", () => {
  const urls = Object.values(HOSTILE_URLS).flat();
  expect(new Set(urls).size).toBe(urls.length);
  expect(urls.length).toBeGreaterThanOrEqual(100);
});

describe.each(Object.entries(HOSTILE_URLS))("%s", (_, urls) => {
  test.each(urls)("%j is refused and does not reach the canary", async (template) => {
    const fetch = createFetch({ resolve: toLoopback });
    const error = await failureOf(fetch(template.replaceAll("PORT", String(canary.port))));
    expect(error.status).toBe(400);
    expect(error.message).toMatch(/not on the public internet|is not a URL|expected an http or https URL/);
    expect(canary.connections()).toBe(0);
  });
});

test("the canary is reached by the spellings of loopback when loopback is allowed, so that the list tests something", async () => {
  const fetch = createFetch({ resolve: toLoopback, allow: ["127.0.0.0/8", "::1"] });
  for (const template of ["http://0x7f.1:PORT/", "http://anything.localhost:PORT/", "http:\\\\127.0.0.1:PORT\\"]) {
    expect((await fetch(template.replaceAll("PORT", String(canary.port)))).status).toBe(200);
  }
  expect(canary.requests).toHaveLength(3);
});

describe("redirects", () => {
  const urls = ["http://127.0.0.1:PORT/", "http://0x7f.1:PORT/", "//127.0.0.1:PORT/", "http://evil.example:PORT/"];
  test.each([...urls, "file:///etc/passwd", "http://["])("from an allowed host to %j are refused", async (template) => {
    const target = template.replaceAll("PORT", String(canary.port));
    const allowed = await startServer((_, response) => response.writeHead(302, { location: target }).end());
    open.push(allowed);
    const fetch = createFetch({ resolve: toLoopback, allow: ["pictures.example"] });
    const error = await failureOf(fetch(`http://pictures.example:${allowed.port}/`));
    expect(error.status).toBe(400);
    expect(allowed.requests).toEqual(["GET /"]);
    expect(canary.connections()).toBe(0);
  });
});

describe("DNS rebinding", () => {
  test("a name that resolves to an allowed address first and to loopback then does not reach loopback", async () => {
    const answers = ["127.0.0.2", "127.0.0.1", "127.0.0.1"];
    const resolve: ResolveHost = async () => [{ address: answers.shift() ?? "127.0.0.1", family: 4 }];
    const fetch = createFetch({ resolve, allow: ["127.0.0.2"] });
    // Nothing listens on the first address; who checked one answer and connected to the next would reach the canary.
    await failureOf(fetch(`http://rebind.example:${canary.port}/`));
    const error = await failureOf(fetch(`http://rebind.example:${canary.port}/`));
    expect(error.message).toContain("not on the public internet");
    expect(canary.connections()).toBe(0);
  });

  test("of several addresses those that are refused are never tried", async () => {
    const resolve: ResolveHost = async () => [
      { address: "127.0.0.1", family: 4 },
      { address: "127.0.0.2", family: 4 },
    ];
    const fetch = createFetch({ resolve, allow: ["127.0.0.2"] });
    const error = await failureOf(fetch(`http://both.example:${canary.port}/`));
    expect(error.message).toContain("the connection failed");
    expect(canary.connections()).toBe(0);
  });
});

test("a connection that a trusted download left open does not serve a client's URL", async () => {
  const fetch = createFetch({ resolve: toLoopback });
  const url = `http://127.0.0.1:${canary.port}/`;
  expect((await fetch(url, { trusted: true })).status).toBe(200);
  await failureOf(fetch(url));
  expect(canary.requests).toHaveLength(1);
});

test("an unknown host and an internal one are answered alike", async () => {
  const resolve: ResolveHost = async (hostname) => {
    if (hostname === "unknown.example") throw new Error("getaddrinfo ENOTFOUND");
    return [{ address: "10.0.0.7", family: 4 }];
  };
  const fetch = createFetch({ resolve });
  const [unknown, internal] = await Promise.all([
    failureOf(fetch("http://unknown.example/")),
    failureOf(fetch("http://inside.example/")),
  ]);
  expect(internal.message.replace("inside", "unknown")).toBe(unknown.message);
  expect(internal.message).not.toContain("10.0.0.7");
});
