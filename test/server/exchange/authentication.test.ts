import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, connect as connectSocket } from "node:net";
import { credentials, Metadata, makeClientConstructor, type ServiceError } from "@grpc/grpc-js";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createLogger } from "../../../src/observability/logger.ts";
import { createMetrics } from "../../../src/observability/metrics.ts";
import { createEchoPredictor } from "../../../src/predictor/embedded/echo-predictor.ts";
import type { AuthenticationOptions } from "../../../src/server/exchange/authentication.ts";
import { type ServerHandle, serve } from "../../../src/server/serve.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";

const log = createLogger({ level: "silent" });
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

class Echo extends Transformer {}

async function start(authentication: AuthenticationOptions): Promise<ServerHandle> {
  const metrics = createMetrics();
  const predictor = createEchoPredictor();
  const server = await serve(Echo, {
    host: "127.0.0.1",
    port: 0,
    modelName: "m",
    log,
    metrics,
    authentication,
    predictor,
  });
  closing.push(async () => {
    await server.close();
    metrics.close();
  });
  await server.ready();
  return server;
}

const predict = async (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/models/m:predict`, { method: "POST", body: '{"instances":[1]}', headers });

describe("API keys", () => {
  test("are taken from x-api-key or as a bearer token; others are refused", async () => {
    const { url } = await start({ apiKeys: ["one", "two"] });
    expect((await predict(url, { "x-api-key": "two" })).status).toBe(200);
    expect((await predict(url, { authorization: "Bearer one" })).status).toBe(200);
    const none = await predict(url);
    expect([none.status, none.headers.get("www-authenticate"), await none.json()]).toMatchObject([
      401,
      "ApiKey",
      { error: "credentials are required" },
    ]);
    const wrong = await predict(url, { "x-api-key": "three" });
    expect([wrong.status, await wrong.json()]).toMatchObject([401, { error: "the credentials are not accepted" }]);
  });

  test("health is open, metrics and metadata are not, unless the operator says so", async () => {
    const { url } = await start({ apiKeys: ["one"] });
    const statusOf = async (base: string, path: string) => (await fetch(base + path)).status;
    expect(await statusOf(url, "/v2/health/ready")).toBe(200);
    expect(await statusOf(url, "/v1/models/m")).toBe(200);
    expect(await statusOf(url, "/v2/models/m")).toBe(401);
    expect(await statusOf(url, "/metrics")).toBe(401);
    expect(await statusOf(url, "/openai/v1/models")).toBe(401);
    const encoded = await fetch(`${url}/v1/models/m%3Apredict`, { method: "POST", body: '{"instances":[1]}' });
    expect(encoded.status).toBe(401);
    const other = await start({ apiKeys: ["one"], exemptHealth: false, exemptMetrics: true });
    expect(await statusOf(other.url, "/v2/health/ready")).toBe(401);
    expect(await statusOf(other.url, "/metrics")).toBe(200);
  });

  test("are asked for before the body comes, so that it takes no memory", async () => {
    const { port } = await start({ apiKeys: ["one"] });
    const socket = connectSocket(port, "127.0.0.1");
    socket.write("POST /v1/models/m:predict HTTP/1.1\r\nhost: x\r\ncontent-length: 50000000\r\n\r\n{");
    const [head] = await once(socket, "data");
    expect(String(head)).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    socket.destroy();
  });

  test("hold for gRPC as well", async () => {
    const { grpcUrl = "" } = await start({ apiKeys: ["one"] });
    const identity = (bytes: Buffer) => bytes;
    const method = (path: string) => ({
      path: `/inference.GRPCInferenceService/${path}`,
      requestStream: false as const,
      responseStream: false as const,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    });
    const methods = { ServerReady: method("ServerReady"), ServerMetadata: method("ServerMetadata") };
    const client = new (makeClientConstructor(methods, "inference"))(grpcUrl, credentials.createInsecure());
    const call = (name: "ServerReady" | "ServerMetadata", key?: string) =>
      new Promise<number>((resolve) => {
        const metadata = new Metadata();
        if (key !== undefined) metadata.set("x-api-key", key);
        client[name]?.(Buffer.alloc(0), metadata, (error: ServiceError | null) => resolve(error?.code ?? 0));
      });
    expect([await call("ServerReady"), await call("ServerMetadata"), await call("ServerMetadata", "one")]).toEqual([
      0, 16, 0,
    ]);
    client.close();
  });
});

describe("tokens of an identity provider", () => {
  async function startProvider(answer?: RequestListener) {
    const { publicKey, privateKey } = await generateKeyPair("RS256");
    const jwk = { ...(await exportJWK(publicKey)), kid: "k1", alg: "RS256" };
    const server = createServer(answer ?? ((_request, response) => void response.end(JSON.stringify({ keys: [jwk] }))));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => new Promise((resolve) => server.close(() => resolve())));
    const sign = (claims: { iss?: string; aud?: string; exp?: string | null }, key = privateKey) => {
      const token = new SignJWT({})
        .setProtectedHeader({ alg: "RS256", kid: "k1" })
        .setIssuer(claims.iss ?? "us")
        .setAudience(claims.aud ?? "models");
      if (claims.exp !== null) token.setExpirationTime(claims.exp ?? "1h");
      return token.sign(key);
    };
    return { jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, sign };
  }

  test("signed, in time, by the issuer and for the audience are accepted; nothing else", async () => {
    const { jwksUrl, sign } = await startProvider();
    const { url } = await start({ jwt: { jwksUrl, issuer: "us", audience: "models" } });
    const forger = await generateKeyPair("RS256");
    const ask = async (token: string) => (await predict(url, { authorization: `Bearer ${token}` })).status;
    expect(await ask(await sign({}))).toBe(200);
    expect(await ask(await sign({ iss: "them" }))).toBe(401);
    expect(await ask(await sign({ aud: "others" }))).toBe(401);
    expect(await ask(await sign({ exp: "-1h" }))).toBe(401);
    expect(await ask(await sign({}, forger.privateKey))).toBe(401);
    expect(await ask("nonsense")).toBe(401);
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from("{}").toString("base64url")}.`;
    expect(await ask(unsigned)).toBe(401);
  });

  test("without an expiration are refused, unless the operator takes them", async () => {
    const { jwksUrl, sign } = await startProvider();
    const authorization = `Bearer ${await sign({ exp: null })}`;
    const strict = await start({ jwt: { jwksUrl } });
    expect((await predict(strict.url, { authorization })).status).toBe(401);
    const lax = await start({ jwt: { jwksUrl, requireExpiration: false } });
    expect((await predict(lax.url, { authorization })).status).toBe(200);
  });

  const broken: readonly (readonly [string, RequestListener])[] = [
    ["500", (_request, response) => void response.writeHead(500).end("down")],
    ["HTML", (_request, response) => void response.end("<html>")],
    ["a redirect", (_request, response) => void response.writeHead(302, { location: "/login" }).end()],
    ["JSON that is no key set", (_request, response) => void response.end("[]")],
    ["no word", (request) => void request.socket.destroy()],
  ];
  test.each(broken)("cannot be checked where the provider answers %s: 503, not 401", async (_what, answer) => {
    const { jwksUrl, sign } = await startProvider(answer);
    const { url } = await start({ jwt: { jwksUrl } });
    const response = await predict(url, { authorization: `Bearer ${await sign({})}` });
    expect([response.status, await response.json()]).toMatchObject([
      503,
      { error: expect.stringContaining("credentials cannot be checked now") },
    ]);
  });
});
