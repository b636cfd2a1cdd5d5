import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { jest } from "@jest/globals";
import { KEY_SET, TOKEN } from "../../../fuzz/credentials.ts";
import type { AppOptions } from "../../../src/server/serve-options.ts";
import { createEchoServer, type EchoServer, runGrpc, SERVICE } from "./grpc-fixtures.ts";

const WATCH = "/grpc.health.v1.Health/Watch";
const REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
/** An empty message, a message of the model "m", and a head of a message of 4 GiB. */
const EMPTY = Buffer.alloc(5);
const INFER = Buffer.from("00000000030a016d", "hex");
const HUGE = Buffer.from("00ffffffff", "hex");

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  jest.restoreAllMocks();
});

interface Started {
  readonly echo: EchoServer;
  /** Calls that have begun, by what they ask for first. */
  readonly begun: () => number;
  readonly session: ClientHttp2Session;
}

async function start(options: AppOptions = {}): Promise<Started> {
  let answered = 0;
  const echo = createEchoServer((request) => {
    answered += 1;
    return request.reply({ outputs: [] });
  }, options);
  const server = await runGrpc(echo.server);
  const watched = jest.spyOn(echo.server.readiness, "server");
  const session = connect(`http://127.0.0.1:${server.port}`).on("error", () => undefined);
  closers.push(
    () => server.close(0),
    () => session.destroy(),
  );
  return { echo, begun: () => answered + watched.mock.calls.length, session };
}

function call(session: ClientHttp2Session, path: string, headers: Record<string, string> = {}): ClientHttp2Stream {
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  return stream.on("error", () => undefined);
}

/** A later call of the same connection has been answered: what was sent before it has been read. */
async function catchUp(session: ClientHttp2Session): Promise<void> {
  const later = call(session, `${SERVICE}/ServerLive`).resume();
  later.end(EMPTY);
  await once(later, "close");
}

// grpc-js forgets of such a call that it is over, and calls its method once the client's end has come: a watch was never told to stop.
describe.each([
  ["watch", WATCH, EMPTY],
  ["infer", `${SERVICE}/ModelInfer`, INFER],
])("a call to %s", (_method, path, message) => {
  test("that was refused for its second message does not begin", async () => {
    const { session, begun } = await start();
    const refused = call(session, path);
    refused.write(message);
    await catchUp(session);
    refused.write(HUGE);
    expect((await once(refused, "response"))[0]).toMatchObject({ "grpc-status": "8" });
    refused.end();
    await catchUp(session);
    expect(begun()).toBe(0);
  });

  test("whose deadline passed before the request was whole does not begin", async () => {
    const { session, begun } = await start();
    const late = call(session, path, { "grpc-timeout": "20m" });
    late.write(message);
    expect((await once(late, "response"))[0]).toMatchObject({ "grpc-status": "4" });
    late.end();
    await catchUp(session);
    expect(begun()).toBe(0);
  });
});

describe("while credentials are being checked", () => {
  /** An identity provider that answers when it is told to. */
  async function startProvider() {
    let asked: (response: ServerResponse) => void = () => undefined;
    const question = new Promise<ServerResponse>((resolve) => {
      asked = resolve;
    });
    const provider = createServer((_, response) => asked(response)).listen(0, "127.0.0.1");
    await once(provider, "listening");
    closers.push(() => {
      provider.closeAllConnections();
      provider.close();
    });
    const { port } = provider.address() as AddressInfo;
    const answer = async () => void (await question).end(JSON.stringify(KEY_SET));
    return { jwksUrl: `http://127.0.0.1:${port}/`, asked: question, answer };
  }

  async function startGuarded() {
    const { jwksUrl, asked, answer } = await startProvider();
    const started = await start({ authentication: { jwt: { jwksUrl }, exemptHealth: false } });
    return { ...started, asked, answer };
  }

  const right = { authorization: `Bearer ${TOKEN}` };

  test("a body is not read; it is once they are right", async () => {
    const { session, begun, asked, answer } = await startGuarded();
    const infer = call(session, `${SERVICE}/ModelInfer`, right).resume();
    // A field that the message does not have, of a megabyte.
    const body = Buffer.concat([Buffer.from("0a016dfa3e808040", "hex"), Buffer.alloc(1024 * 1024)]);
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(body.length, 1);
    infer.end(Buffer.concat([prefix, body]));
    await asked;
    await delay(100);
    // No more than the window of one stream is on its way.
    expect(infer.bufferSize + infer.writableLength).toBeGreaterThan(body.length - 100_000);
    await answer();
    const trailers = once(infer, "trailers");
    await once(infer, "response");
    expect((await trailers)[0]).toMatchObject({ "grpc-status": "0" });
    expect(begun()).toBe(1);
  });

  test.each([
    ["watch", WATCH, EMPTY],
    ["reflection", REFLECTION, Buffer.from("00000000023a00", "hex")],
    ["infer", `${SERVICE}/ModelInfer`, INFER],
  ])("a call to %s that is reset is left alone", async (_method, path, message) => {
    const { session, echo, begun, asked, answer } = await startGuarded();
    const left = call(session, path, right);
    left.end(message);
    await asked;
    left.close(8);
    await once(left, "close");
    await answer();
    await catchUp(session);
    expect(begun()).toBe(0);
    expect(echo.errors.filter(({ code }) => code !== "unauthenticated")).toEqual([]);
  });
});
