import { createServer } from "node:net";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { createGuardedFetch, type GuardedFetchOptions } from "../../src/download/guarded-fetch.ts";
import { startServer } from "./http-server.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function serve(listener: Parameters<typeof startServer>[0]): Promise<string> {
  const server = await startServer(listener);
  open.push(server);
  return `http://127.0.0.1:${server.port}`;
}

function createFetch(options: GuardedFetchOptions = {}) {
  const fetch = createGuardedFetch({ allow: ["127.0.0.1"], ...options });
  open.push(fetch);
  return fetch;
}

const PLAIN = Buffer.from("a picture, ".repeat(1000));

describe("content codings", () => {
  test.each([
    ["gzip", gzipSync(PLAIN)],
    ["X-GZIP", gzipSync(PLAIN)],
    ["deflate", deflateSync(PLAIN)],
    ["deflate", deflateRawSync(PLAIN)],
    ["br", brotliCompressSync(PLAIN)],
    ["deflate, gzip", gzipSync(deflateSync(PLAIN))],
    ["base64", PLAIN],
    ["utf-8, gzip", gzipSync(PLAIN)],
    ["aws-chunked", PLAIN],
    ["gzip", Buffer.alloc(0)],
  ])("%s is undone, or is none and says nothing", async (coding, body) => {
    const url = await serve((_, response) => response.writeHead(200, { "content-encoding": coding }).end(body));
    const result = await createFetch()(url);
    expect(Buffer.from(result.body).equals(body.length === 0 ? body : PLAIN)).toBe(true);
  });

  test.each([
    ["gzip", gzipSync(Buffer.alloc(50_000_000))],
    ["br", brotliCompressSync(Buffer.alloc(50_000_000))],
    ["gzip, gzip", gzipSync(gzipSync(Buffer.alloc(50_000_000)))],
  ])("a bomb of %s ends at the limit", async (coding, body) => {
    const url = await serve((_, response) => response.writeHead(200, { "content-encoding": coding }).end(body));
    await expect(createFetch({ maxBytes: 1_000_000 })(url)).rejects.toMatchObject({
      status: 413,
      message: `'${url}/': larger than the limit of 1000000 bytes`,
    });
  });

  test.each([
    ["gzip", "no gzip at all", "its content is not gzip"],
    ["br", gzipSync(PLAIN), "its content is not br"],
    ["gzip", gzipSync(PLAIN).subarray(0, 40), "its content is not gzip"],
    ["gzip, gzip, gzip, gzip", PLAIN, "4 content codings, expected at most 3"],
  ])("%s that it is not is a 400", async (coding, body, message) => {
    const url = await serve((_, response) => response.writeHead(200, { "content-encoding": coding }).end(body));
    await expect(createFetch()(url)).rejects.toMatchObject({ status: 400, message: expect.stringContaining(message) });
  });
});

test("a Location in raw UTF-8, as some servers write it, is followed; one in Latin-1 as well", async () => {
  const paths: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      const path = String(chunk).split(" ")[1] ?? "";
      paths.push(path);
      const location: Record<string, Buffer> = {
        "/utf8": Buffer.from("/größe/猫.png"),
        "/latin1": Buffer.from("/gr\u00f6\u00dfe.png", "latin1"),
      };
      const to = location[path];
      const head = to === undefined ? ["HTTP/1.1 200 OK\r\n"] : ["HTTP/1.1 302 Found\r\nlocation: ", to, "\r\n"];
      for (const part of [...head, "content-length: 0\r\n\r\n"]) socket.write(part);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push({ close: async () => void server.close() });
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const fetch = createFetch();
  expect((await fetch(`${url}/utf8`)).url).toBe(`${url}/gr%C3%B6%C3%9Fe/%E7%8C%AB.png`);
  expect((await fetch(`${url}/latin1`)).url).toBe(`${url}/gr%C3%B6%C3%9Fe.png`);
  expect(paths).toContain("/gr%C3%B6%C3%9Fe/%E7%8C%AB.png");
});

describe("POST", () => {
  async function startEcho() {
    const url = await serve((request, response) => {
      if (request.url === "/307") return void response.writeHead(307, { location: "/" }).end();
      if (request.url === "/303") return void response.writeHead(303, { location: "/" }).end();
      if (request.url === "/away") return void response.writeHead(308, { location: "http://localhost:1/" }).end();
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method, headers } = request;
        response.end(JSON.stringify([method, headers["content-type"], Buffer.concat(chunks).toString()]));
      });
    });
    const fetch = createFetch({ cacheBytes: 1_000_000 });
    const send = async (path: string) => {
      const headers = { "content-type": "application/json" };
      const result = await fetch(url + path, { body: '{"ids":[1]}', headers });
      return JSON.parse(Buffer.from(result.body).toString());
    };
    return { url, fetch, send };
  }

  test("sends its body, for which no method need be named", async () => {
    const { url, fetch, send } = await startEcho();
    expect(await send("/")).toEqual(["POST", "application/json", '{"ids":[1]}']);
    const bytes = await fetch(url, { method: "POST", body: Uint8Array.of(97) });
    expect(Buffer.from(bytes.body).toString()).toBe('["POST",null,"a"]');
    await expect(fetch(url, { method: "GET", body: "a" })).rejects.toThrow("a GET has no body");
  });

  test("is sent again where a redirect keeps it, becomes a GET where it does not, and never goes elsewhere", async () => {
    const { send } = await startEcho();
    expect(await send("/307")).toEqual(["POST", "application/json", '{"ids":[1]}']);
    expect(await send("/303")).toEqual(["GET", "application/json", ""]);
    await expect(send("/away")).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining("would send the body to another origin"),
    });
  });
});
