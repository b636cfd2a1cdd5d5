import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { createGuardedFetch, type GuardedFetchOptions } from "../../src/download/guarded-fetch.ts";
import { InferenceError } from "../../src/errors.ts";
import type { FetchOptions } from "../../src/inference/request-context.ts";
import { startServer, type TestServer } from "./http-server.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

type Listener = Parameters<typeof startServer>[0];

async function serve(listener: Listener): Promise<TestServer & { readonly url: string }> {
  const server = await startServer(listener);
  open.push(server);
  return { ...server, url: `http://127.0.0.1:${server.port}` };
}

function createFetch(options: GuardedFetchOptions = {}) {
  const fetch = createGuardedFetch({ allow: ["127.0.0.1"], ...options });
  open.push(fetch);
  return fetch;
}

async function failure(fetch: ReturnType<typeof createFetch>, url: string, options?: FetchOptions) {
  const error = await fetch(url, options).catch((reason: unknown) => reason);
  expect(InferenceError.isInstance(error)).toBe(true);
  return error as InferenceError;
}

test("status, content type, final URL and body come back, whatever the status", async () => {
  const server = await serve((_, response) => {
    response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("no such picture");
  });
  const result = await createFetch()(`${server.url}/a?b=c#d`);
  expect({ ...result, body: Buffer.from(result.body).toString() }).toEqual({
    url: `${server.url}/a?b=c`,
    status: 404,
    contentType: "text/plain; charset=utf-8",
    body: "no such picture",
  });
});

describe("limits", () => {
  test("a body that announces more bytes than allowed is refused before it is read", async () => {
    let written = 0;
    const server = await serve((_, response) => {
      response.writeHead(200, { "content-length": 1e9 });
      response.write(Buffer.alloc(10), () => written++);
    });
    const error = await failure(createFetch({ maxBytes: 1000 }), server.url);
    expect(error).toMatchObject({ status: 413, message: `'${server.url}/': larger than the limit of 1000 bytes` });
    expect(written).toBeLessThanOrEqual(1);
  });

  test("a body that goes on beyond the limit without announcing it is cut off, and the connection with it", async () => {
    let closed: () => void = () => undefined;
    const cutOff = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const server = await serve((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", more).on("close", closed);
      more();
    });
    const error = await failure(createFetch(), server.url, { maxBytes: 100_000 });
    expect(error.status).toBe(413);
    await cutOff;
  });

  test("a body of exactly the limit is taken", async () => {
    const server = await serve((_, response) => response.end(Buffer.alloc(1000, 7)));
    expect((await createFetch({ maxBytes: 1000 })(server.url)).body).toEqual(new Uint8Array(1000).fill(7));
  });

  test("a server that never answers, or stops half-way, ends with the time limit", async () => {
    const silent = await serve(() => undefined);
    const halting = await serve((_, response) => void response.writeHead(200, { "content-length": 9 }).write("half"));
    const fetch = createFetch({ timeoutMs: 50 });
    for (const { url } of [silent, halting]) {
      expect(await failure(fetch, `${url}/x`)).toMatchObject({
        status: 400,
        message: `'${url}/x': not downloaded within 50 ms`,
      });
    }
  });

  test("redirects are followed up to the limit", async () => {
    const server = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end("there");
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    const fetch = createFetch({ maxRedirects: 3 });
    expect(Buffer.from((await fetch(`${server.url}/3`)).body).toString()).toBe("there");
    expect((await failure(fetch, `${server.url}/4`)).message).toBe(`'${server.url}/4': more than 3 redirects`);
  });

  test("one host is asked over so many connections at a time, further downloads wait for them", async () => {
    const waiting: { end(): void }[] = [];
    const server = await serve((_, response) => {
      waiting.push(response);
      if (waiting.length === 2) for (const answer of waiting.splice(0)) answer.end();
    });
    const fetch = createFetch({ connectionsPerHost: 2 });
    await Promise.all(Array.from({ length: 8 }, () => fetch(server.url)));
    expect(server.requests).toHaveLength(8);
    expect(server.connections()).toBe(2);
  });
});

describe("failures", () => {
  test("a refused connection and one that breaks off say so without an address", async () => {
    const gone = await startServer(() => undefined);
    await gone.close();
    const breaking = await serve((_, response) => {
      response.writeHead(200, { "content-length": 9 });
      response.write("half", () => response.destroy());
    });
    const fetch = createFetch({
      allow: ["pictures.example"],
      resolve: async () => [{ address: "127.0.0.1", family: 4 }],
    });
    for (const port of [gone.port, breaking.port]) {
      const error = await failure(fetch, `http://pictures.example:${port}/`);
      expect(error.status).toBe(400);
      expect(error.message).toBe(`'http://pictures.example:${port}/': could not be downloaded, the connection failed`);
    }
  });

  test("an aborted signal ends a download, with the error that it was aborted with", async () => {
    const controller = new AbortController();
    const server = await serve(() => controller.abort(new InferenceError("too late", { code: "deadline_exceeded" })));
    const fetch = createFetch();
    expect(await failure(fetch, server.url, { signal: controller.signal })).toMatchObject({ status: 504 });
    expect(await failure(fetch, server.url, { signal: AbortSignal.abort() })).toMatchObject({ status: 499 });
    expect(server.requests).toHaveLength(1);
  });

  test("messages show neither credentials nor the query, which may be a signature", async () => {
    const error = await failure(createFetch(), "http://user:secret@10.0.0.1/a.jpg?signature=secret");
    expect(error.message).toBe("'http://10.0.0.1/a.jpg': its host is unknown or not on the public internet");
    expect((await failure(createFetch(), "ftp://user:secret@host/a")).message).not.toContain("secret");
  });
});

test("credentials in a URL are neither sent nor kept in the result", async () => {
  let authorization: string | undefined = "none seen";
  const server = await serve((request, response) => {
    authorization = request.headers.authorization;
    response.end();
  });
  const result = await createFetch()(server.url.replace("//", "//user:secret@"));
  expect(authorization).toBeUndefined();
  expect(result.url).toBe(`${server.url}/`);
});

test("the caller's headers go to the first host and not to one that it redirects to", async () => {
  const seen: (string | undefined)[] = [];
  const target = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.end();
  });
  const server = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(307, { location: request.url === "/" ? "/second" : target.url }).end();
  });
  await createFetch()(server.url, { headers: { authorization: "Bearer x" }, trusted: true });
  expect(seen).toEqual(["Bearer x", "Bearer x", undefined]);
});

describe("cache", () => {
  test("a response is given again while its max-age lasts, and to nobody with headers of their own", async () => {
    const server = await serve((_, response) => response.writeHead(200, { "cache-control": "max-age=60" }).end("kept"));
    const fetch = createFetch({ cacheBytes: 10_000 });
    await fetch(server.url);
    expect(Buffer.from((await fetch(server.url)).body).toString()).toBe("kept");
    expect(server.requests).toHaveLength(1);
    await fetch(server.url, { headers: { authorization: "Bearer x" } });
    expect(server.requests).toHaveLength(2);
    expect(await failure(fetch, server.url, { maxBytes: 3 })).toMatchObject({ status: 413 });
  });

  test("nothing is kept by default", async () => {
    const server = await serve((_, response) => response.writeHead(200, { "cache-control": "max-age=60" }).end());
    const fetch = createFetch();
    await fetch(server.url);
    await fetch(server.url);
    expect(server.requests).toHaveLength(2);
  });

  test("what was kept for the operator's own URL is not given to a client", async () => {
    const server = await serve((_, response) =>
      response.writeHead(200, { "cache-control": "max-age=60" }).end("inside"),
    );
    const fetch = createFetch({ allow: [], cacheBytes: 10_000 });
    await fetch(server.url, { trusted: true });
    expect((await failure(fetch, server.url)).message).toContain("not on the public internet");
  });
});

test("through a proxy names are the proxy's affair, addresses are still refused", async () => {
  const target = await serve((_, response) => response.end("by proxy"));
  const asked: (string | undefined)[] = [];
  const proxy = createServer().on("connect", (request, client, head) => {
    asked.push(request.url);
    const upstream = connect(target.port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on("error", () => client.destroy());
    client.on("error", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  open.push({ close: () => new Promise((resolve) => void proxy.close(() => resolve())) });
  const fetch = createFetch({ allow: [], proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` });
  expect(Buffer.from((await fetch("http://pictures.example/")).body).toString()).toBe("by proxy");
  await failure(fetch, `http://127.0.0.1:${target.port}/`);
  expect(asked).toEqual(["pictures.example:80"]);
});
