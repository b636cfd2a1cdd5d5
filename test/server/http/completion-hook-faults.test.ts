import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createHttpPredictor } from "../../../src/predictor/http/http-predictor.ts";
import { type ServerHandle, serve } from "../../../src/server/serve.ts";
import type { ServeOptions } from "../../../src/server/serve-options.ts";
import type { JsonObject } from "../../../src/tensor/json-value.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";

type Hook = "preprocessCompletion" | "postprocessCompletion" | "postprocessChunk";

/** What this hook returns in place of what it got. */
let at: Hook | undefined;
let made: unknown;

class Odd extends Transformer {
  #answer(hook: Hook, given: JsonObject): JsonObject {
    return at === hook ? (made as JsonObject) : given;
  }
  override preprocessCompletion(body: JsonObject): JsonObject {
    return this.#answer("preprocessCompletion", body);
  }
  override postprocessCompletion(body: JsonObject): JsonObject {
    return this.#answer("postprocessCompletion", body);
  }
  override postprocessChunk(chunk: JsonObject): JsonObject {
    return this.#answer("postprocessChunk", chunk);
  }
}

const upstream = createServer((incoming, outgoing) => {
  let body = "";
  incoming.on("data", (chunk) => {
    body += String(chunk);
  });
  incoming.on("end", () => {
    const streams = body.includes("stream");
    outgoing.writeHead(200, { "content-type": streams ? "text/event-stream" : "application/json" });
    outgoing.end(streams ? 'data: {"n":1}\n\n' : '{"n":1}');
  });
});
const logged: string[] = [];
let handle: ServerHandle;

async function start(options: ServeOptions = {}): Promise<void> {
  const log = {
    trace: () => undefined,
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (details: object) => void logged.push(deepestMessage((details as { readonly err?: Error }).err)),
    child: () => log,
  };
  const host = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const predictor = createHttpPredictor({ host, protocol: "v2", modelName: "m" });
  handle = await serve(Odd, { modelName: "m", host: "127.0.0.1", port: 0, log, predictor, ...options });
  await handle.ready();
}

function deepestMessage(error: Error | undefined): string {
  return error?.cause instanceof Error ? deepestMessage(error.cause) : String(error?.message);
}

async function ask(body: string): Promise<readonly [number, string]> {
  const response = await fetch(`${handle.url}/openai/v1/chat/completions`, { method: "POST", body });
  return [response.status, await response.text()];
}

beforeAll(() => new Promise<void>((resolve) => void upstream.listen(0, "127.0.0.1", resolve)));
afterAll(() => {
  upstream.closeAllConnections();
  upstream.close();
});
beforeEach(() => {
  logged.length = 0;
});
afterEach(() => handle.close());

test.each([
  [
    "a typed array",
    { n: new Float32Array(1) },
    "returned what cannot be written: body.n: Float32Array has no JSON form",
  ],
  ["a promise", { n: Promise.resolve(1) }, "returned what cannot be written: body.n: a promise has no JSON form"],
  ["a text", "text", 'must return a JSON object, got the string "text"'],
  ["a list", [1], "must return a JSON object, got an array of 1 value"],
  ["null", null, "must return a JSON object, got null"],
])("%s in place of a body is a 500 that is logged with the hook's name", async (_name, value, fault) => {
  await start();
  made = value;
  for (at of ["preprocessCompletion", "postprocessCompletion"] as const) {
    expect(await ask("{}")).toEqual([500, expect.stringContaining('"message":"internal error"')]);
  }
  at = "postprocessChunk";
  expect(await ask('{"stream":true}')).toEqual([200, expect.stringContaining('"message":"internal error"')]);
  const hooks = ["preprocessCompletion", "postprocessCompletion", "postprocessChunk"];
  expect(logged).toEqual(hooks.map((hook) => expect.stringContaining(`Odd.${hook} ${fault}`)));
});

test("nothing in place of a body is a 500, and in place of an event drops it", async () => {
  await start();
  made = undefined;
  for (at of ["preprocessCompletion", "postprocessCompletion"] as const) {
    expect((await ask("{}"))[0]).toBe(500);
    expect(logged.at(-1)).toBe(`Odd.${at} must return a JSON object, got nothing: write return before what it made`);
  }
  at = "postprocessChunk";
  expect(await ask('{"stream":true}')).toEqual([200, ""]);
});

test.each([
  ["null", '{"a":null,"b":[null]}'],
  ["token", '{"a":NaN,"b":[-Infinity]}'],
] as const)("NaN in what a client gets is a %s where nonFinite says so", async (nonFinite, text) => {
  await start({ nonFinite });
  made = { a: Number.NaN, b: [Number.NEGATIVE_INFINITY] };
  at = "postprocessCompletion";
  expect(await ask("{}")).toEqual([200, text]);
  at = "postprocessChunk";
  expect(await ask('{"stream":true}')).toEqual([200, `data: ${text}\n\n`]);
});

test("NaN is the author's mistake in what a hook makes for the predictor, and the client's in what it sent", async () => {
  await start();
  made = { a: Number.NaN };
  at = "preprocessCompletion";
  expect((await ask("{}"))[0]).toBe(500);
  at = undefined;
  expect(await ask('{"a":NaN}')).toEqual([400, expect.stringContaining("body.a: NaN has no JSON form")]);
});
