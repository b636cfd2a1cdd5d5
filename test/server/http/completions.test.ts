import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { deflateSync, gzipSync } from "node:zlib";
import { InferenceError } from "../../../src/errors.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { createHttpPredictor } from "../../../src/predictor/http/http-predictor.ts";
import { type ServerHandle, serve } from "../../../src/server/serve.ts";
import type { ServeOptions } from "../../../src/server/serve-options.ts";
import type { JsonObject } from "../../../src/tensor/json-value.ts";
import { type CompletionContext, Transformer } from "../../../src/transformer/transformer.ts";

const log = createLogger({ level: "silent" });
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Upstream = (incoming: IncomingMessage, outgoing: ServerResponse, body: string) => void;

async function startUpstream(answer: Upstream): Promise<string> {
  const server: Server = createServer((incoming, outgoing) => {
    let body = "";
    incoming.on("data", (chunk) => {
      body += String(chunk);
    });
    incoming.on("end", () => answer(incoming, outgoing, body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function startBefore(
  answer: Upstream,
  source: new () => Transformer = Plain,
  options: ServeOptions = {},
): Promise<ServerHandle> {
  const predictor = createHttpPredictor({ host: await startUpstream(answer), protocol: "v2", modelName: "llm" });
  const server = await serve(source, { host: "127.0.0.1", port: 0, modelName: "llm", log, predictor, ...options });
  closing.push(() => server.close());
  await server.ready();
  return server;
}

class Plain extends Transformer {}

const CHAT = "/openai/v1/chat/completions";
const post = (url: string, body: string, signal?: AbortSignal) =>
  fetch(url, { method: "POST", body, headers: { "content-type": "application/json" }, ...(signal && { signal }) });

describe("completions", () => {
  test("without hooks the bytes of both directions are untouched", async () => {
    const seen: string[] = [];
    const { url } = await startBefore((incoming, outgoing, body) => {
      seen.push(`${incoming.method} ${incoming.url}`, body);
      outgoing.writeHead(200, { "content-type": "text/event-stream", "x-model": "seven" });
      outgoing.end('data:{"a" :1}\r\n\r\n: ping\n\ndata: [DONE]\n\n');
    });
    const response = await post(url + CHAT, ' {"model": "llm" , "stream":true}');
    expect(await response.text()).toBe('data:{"a" :1}\r\n\r\n: ping\n\ndata: [DONE]\n\n');
    expect(response.headers.get("x-model")).toBe("seven");
    expect(seen).toEqual([`POST ${CHAT}`, ' {"model": "llm" , "stream":true}']);
  });

  describe("a predictor that compresses", () => {
    class Marking extends Transformer {
      override postprocessCompletion(body: JsonObject): JsonObject {
        return { ...body, whole: true };
      }
      override postprocessChunk(chunk: JsonObject): JsonObject {
        return { ...chunk, seen: true };
      }
    }
    const answering = (type: string, encoding: string, body: Uint8Array) =>
      startBefore((_incoming, outgoing) => {
        outgoing.writeHead(200, { "content-type": type, "content-encoding": encoding }).end(body);
      }, Marking);
    const read = async ({ url }: ServerHandle): Promise<[number, string]> => {
      const response = await post(url + CHAT, '{"model":"llm"}');
      return [response.status, await response.text()];
    };
    const events = Buffer.from('data: {"a":1}\n\ndata: [DONE]\n\n');

    test.each([
      ["gzip", gzipSync],
      ["deflate", deflateSync],
    ])("%s is undone for hooks", async (encoding, compress) => {
      const streamed = await answering("text/event-stream", encoding, compress(events));
      expect(await read(streamed)).toEqual([200, 'data: {"a":1,"seen":true}\n\ndata: [DONE]\n\n']);
      const whole = await answering("application/json", encoding, compress('{"b":2}'));
      expect(await read(whole)).toEqual([200, '{"b":2,"whole":true}']);
    });

    test.each([
      ["damaged", "gzip", "is not gzip, as its Content-Encoding says"],
      ["unknown", "br", "expected gzip, deflate or identity"],
    ])("what is %s is a bad gateway", async (_name, encoding, fault) => {
      const broken = expect.stringContaining(fault);
      expect(await read(await answering("text/event-stream", encoding, events))).toEqual([200, broken]);
      expect(await read(await answering("application/json", encoding, events))).toEqual([502, broken]);
    });
  });

  test("hooks see the request, the response, and each event of a stream", async () => {
    class Polite extends Transformer {
      override preprocessCompletion(body: JsonObject, context: CompletionContext<undefined>): JsonObject {
        return { ...body, endpoint: context.endpoint };
      }
      override postprocessCompletion(body: JsonObject): JsonObject {
        return { ...body, whole: true };
      }
      override postprocessChunk(chunk: JsonObject): JsonObject | undefined {
        return chunk["drop"] === true ? undefined : { ...chunk, seen: true };
      }
    }
    const { url } = await startBefore((_incoming, outgoing, body) => {
      if (JSON.parse(body).stream !== true) {
        outgoing.writeHead(200, { "content-type": "application/json" }).end(body);
        return;
      }
      outgoing.writeHead(200, { "content-type": "text/event-stream" });
      outgoing.end('data: {"n":1}\n\ndata: {"drop":true}\n\ndata: {"n":9007199254740993}\n\ndata: [DONE]\n\n');
    }, Polite);
    const whole = await post(url + CHAT, '{"messages":[]}');
    expect(await whole.json()).toEqual({ messages: [], endpoint: "chat/completions", whole: true });
    const stream = await post(`${url}/openai/v1/completions`, '{"stream":true}');
    expect(await stream.text()).toBe(
      'data: {"n":1,"seen":true}\n\ndata: {"n":9007199254740993,"seen":true}\n\ndata: [DONE]\n\n',
    );
  });

  test("events arrive one by one, not at the end", async () => {
    let finish = (): void => undefined;
    const { url } = await startBefore((_incoming, outgoing) => {
      outgoing.writeHead(200, { "content-type": "text/event-stream" });
      outgoing.write('data: {"n":1}\n\n');
      finish = () => void outgoing.end("data: [DONE]\n\n");
    });
    const response = await post(`${url}/v2/models/llm/generate_stream`, '{"text_input":"a"}');
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toBe('data: {"n":1}\n\n');
    finish();
    const second = await reader?.read();
    expect(new TextDecoder().decode(second?.value)).toBe("data: [DONE]\n\n");
  });

  test("a client that leaves ends the predictor's stream", async () => {
    let left = (): void => undefined;
    const upstreamClosed = new Promise<void>((resolve) => {
      left = resolve;
    });
    const { url } = await startBefore((_incoming, outgoing) => {
      outgoing.writeHead(200, { "content-type": "text/event-stream" });
      outgoing.write("data: 1\n\n");
      outgoing.on("close", left);
    });
    const controller = new AbortController();
    const response = await post(url + CHAT, "{}", controller.signal);
    await response.body?.getReader().read();
    controller.abort();
    await upstreamClosed;
  });

  test("a slow client holds the predictor back", async () => {
    let written = 0;
    const { url } = await startBefore((_incoming, outgoing) => {
      outgoing.writeHead(200, { "content-type": "text/event-stream" });
      const event = `data: "${"x".repeat(64 * 1024)}"\n\n`;
      const more = (): void => {
        while (written < 2000) {
          written += 1;
          if (!outgoing.write(event)) {
            outgoing.once("drain", more);
            return;
          }
        }
        outgoing.end();
      };
      more();
    });
    const controller = new AbortController();
    const response = await post(url + CHAT, "{}", controller.signal);
    const reader = response.body?.getReader();
    await reader?.read();
    let before = -1;
    while (before !== written) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(written).toBeLessThan(1000);
    controller.abort();
  });

  test("the predictor's error keeps status and body", async () => {
    const { url } = await startBefore((_incoming, outgoing) => {
      outgoing
        .writeHead(429, { "content-type": "application/json", "retry-after": "2" })
        .end('{"error":{"message":"busy"}}');
    });
    const response = await post(url + CHAT, "{}");
    expect([response.status, response.headers.get("retry-after"), await response.json()]).toEqual([
      429,
      "2",
      { error: { message: "busy" } },
    ]);
  });

  test("errors have OpenAI's form, and V2's on generate", async () => {
    class Refusing extends Transformer {
      override preprocessCompletion(): JsonObject {
        throw new InferenceError("too long", { code: "invalid_argument" });
      }
    }
    const { url } = await startBefore((_incoming, outgoing) => void outgoing.end("{}"), Refusing);
    const openai = await post(url + CHAT, "{}");
    expect([openai.status, await openai.json()]).toEqual([
      400,
      { error: { message: "too long", type: "invalid_argument", param: null, code: 400 } },
    ]);
    const generate = await post(`${url}/v2/models/llm/generate`, "{}");
    expect([generate.status, await generate.json()]).toMatchObject([400, { error: "too long" }]);
  });

  test("a hook that fails within a stream ends it with an error event", async () => {
    class Breaking extends Transformer {
      override postprocessChunk(chunk: JsonObject): JsonObject {
        if (chunk["n"] === 2) throw new Error("secret");
        return chunk;
      }
    }
    const { url } = await startBefore((_incoming, outgoing) => {
      outgoing.writeHead(200, { "content-type": "text/event-stream" }).end('data: {"n":1}\n\ndata: {"n":2}\n\n');
    }, Breaking);
    const text = await (await post(url + CHAT, "{}")).text();
    expect(text).toContain('data: {"n":1}\n\ndata: {"error":{"message":"internal error"');
    expect(text).not.toContain("secret");
  });

  test("a hook that never ends within a stream is left behind at the deadline", async () => {
    let aborted: AbortSignal | undefined;
    class Waiting extends Transformer {
      override postprocessChunk(chunk: JsonObject, { signal }: CompletionContext): JsonObject | Promise<JsonObject> {
        aborted = signal;
        return chunk["n"] === 2 ? new Promise(() => undefined) : chunk;
      }
    }
    const answer: Upstream = (_incoming, outgoing) => {
      outgoing.writeHead(200, { "content-type": "text/event-stream" }).end('data: {"n":1}\n\ndata: {"n":2}\n\n');
    };
    const { url } = await startBefore(answer, Waiting, { requestTimeoutMs: 1500, maxConcurrency: 1, maxQueue: 0 });
    for (const path of [CHAT, "/v2/models/llm/generate_stream"]) {
      const response = await post(url + path, "{}");
      expect([response.status, await response.text()]).toEqual([
        200,
        expect.stringMatching(/^data: \{"n":1\}\n\ndata: \{"error":.*"no response within 1500 ms"/),
      ]);
      expect(aborted?.aborted).toBe(true);
    }
  });

  test("models are listed, one is described, a predictor without HTTP is a 501", async () => {
    const server = await serve(Plain, { host: "127.0.0.1", port: 0, modelName: "llm", log });
    closing.push(() => server.close());
    const list = await fetch(`${server.url}/openai/v1/models`);
    expect(await list.json()).toMatchObject({ object: "list", data: [{ id: "llm", object: "model" }] });
    expect((await fetch(`${server.url}/openai/v1/models/llm`)).status).toBe(200);
    expect((await fetch(`${server.url}/openai/v1/models/other`)).status).toBe(404);
    expect((await post(server.url + CHAT, "{}")).status).toBe(501);
    expect((await fetch(server.url + CHAT)).status).toBe(405);
  });
});
