import { gunzipSync } from "node:zlib";
import type { PiecedBody, WireMessage } from "../../src/inference/content.ts";
import type { Exchange } from "../../src/inference/exchange-listener.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { createPayloadEvents } from "../../src/observability/payload-events/payload-events.ts";
import { createPayloadLog } from "../../src/observability/payload-log.ts";
import { compressResponse } from "../../src/server/http/compress-response.ts";
import { startCollector } from "./collector.ts";

const TEXT = `{"predictions":["${Array.from({ length: 40_000 }, (_, i) => String(i)).join(" ")}"]}`;
const PIECE = 10_000;

/** All pieces stand in one buffer, and nobody may ask for them at once. */
function piecesOf(text: string): PiecedBody & { asked: number } {
  const bytes = Buffer.from(text);
  return {
    byteLength: bytes.length,
    asked: 0,
    *[Symbol.iterator]() {
      const piece = Buffer.alloc(PIECE);
      for (let from = 0; from < bytes.length; from += PIECE) {
        this.asked += 1;
        yield piece.subarray(0, bytes.copy(piece, 0, from));
      }
    },
    whole: () => {
      throw new Error("made at once");
    },
  };
}

function messageOf(pieces: PiecedBody): WireMessage {
  return {
    headers: { "content-type": "application/json" },
    get body() {
      return pieces.whole();
    },
    pieces,
  };
}

const exchange = { requestId: "r", modelName: "m", protocol: "v1", requestHeaders: {} } as unknown as Exchange;
const request: WireMessage = { headers: {}, body: [Buffer.from('{"instances":[1]}')] };

test("a long response is compressed as it is made, and is the same", async () => {
  const response = { status: 200, headers: { "content-type": "application/json" }, body: piecesOf(TEXT) };
  const { body, headers } = await compressResponse("gzip", response);
  expect(headers["content-encoding"]).toBe("gzip");
  expect(gunzipSync(Buffer.concat(body as Uint8Array[])).toString() === TEXT).toBe(true);
});

test.each([
  ["as far as it is kept", new Set<string>(), TEXT.slice(0, 15_000), 2],
  ["where it is redacted", new Set(["predictions"]), '{"predictions":"[redacted]"}', Math.ceil(TEXT.length / PIECE)],
] as const)("the log makes a long response %s", (_what, redacted, expected, asked) => {
  const lines: string[] = [];
  const log = createLogger({ level: "info", destination: { write: (line) => void lines.push(line) } });
  const pieces = piecesOf(TEXT);
  createPayloadLog({ log, sample: 1, maxBytes: 15_000, redacted }).payload?.(exchange, request, messageOf(pieces), 200);
  const { response } = JSON.parse(lines.join(""));
  expect(response.startsWith(expected)).toBe(true);
  expect(pieces.asked).toBe(asked);
});

test("a collector gets every byte of a long response, made when it is sent", async () => {
  const collector = await startCollector();
  const url = new URL(collector.url);
  const events = createPayloadEvents({ url, mode: "response", service: {}, log: createLogger({ level: "silent" }) });
  const pieces = piecesOf(TEXT);
  events.payload?.(exchange, request, messageOf(pieces), 200);
  expect(pieces.asked).toBe(0);
  const [event] = await collector.until(1);
  expect(event?.body === TEXT).toBe(true);
  await events.close();
  collector.close();
});
