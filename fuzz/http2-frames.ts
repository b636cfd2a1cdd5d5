import { Buffer } from "node:buffer";
import fc from "fast-check";
import { CREDENTIALS } from "./credentials.ts";

/** RFC 9113 §3.4. */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** RFC 9113 §6. */
const [DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
];
const END_STREAM = 1;
const END_HEADERS = 4;

/** What a client does on one connection. */
export interface Http2Script {
  /** To the server that asks for credentials; else to the one that asks nobody. */
  readonly guarded: boolean;
  /** What is written, in this order, each in a write of its own. */
  readonly writes: readonly Buffer[];
  /** How the client ends: with a FIN, with a RST, or not at all, and then the server must. */
  readonly end: "finish" | "reset" | "stay";
  readonly reads: boolean;
}

export function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export type Fields = readonly (readonly [string, string])[];

/** A header block of literals that no table keeps (RFC 7541 §6.2.2). */
export function encodeFields(fields: Fields): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  const length: number[] = [];
  let rest = bytes.length;
  if (rest < 127) length.push(rest);
  else {
    length.push(127);
    for (rest -= 127; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
    length.push(rest);
  }
  return Buffer.concat([Buffer.from(length), bytes]);
}

function request(path: string, fields: Fields = [], method = "POST"): Fields {
  return [[":method", method], [":scheme", "http"], [":path", path], [":authority", "x"], ...fields];
}

const GRPC: Fields = [
  ["content-type", "application/grpc"],
  ["te", "trailers"],
];
const JSON_BODY: Fields = [["content-type", "application/json"]];
const V1 = "/v1/models/m:predict";
const INFER = "/inference.GRPCInferenceService/ModelInfer";
const WATCH = "/grpc.health.v1.Health/Watch";
const REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

/** Requests that are right, or wrong in one thing. */
const REQUESTS: readonly Fields[] = [
  request("/v2/health/live", [], "GET"),
  request(V1, JSON_BODY),
  request(V1, [...JSON_BODY, ["expect", "100-continue"]]),
  request(V1, [...JSON_BODY, ["content-length", "5"]]),
  request(V1, [...JSON_BODY, ["content-length", "no"]]),
  request(V1, [...JSON_BODY, ["host", "x"], ["host", "y"]]),
  request(V1, [...JSON_BODY, ["connection", "close"]]),
  request(V1, [...JSON_BODY, ["Upper", "case"]]),
  request(INFER, GRPC),
  request("/inference.GRPCInferenceService/ServerLive", GRPC),
  request("/inference.GRPCInferenceService/ServerLive", [...GRPC, ["grpc-timeout", "1m"]]),
  request("/inference.GRPCInferenceService/ServerLive", [...GRPC, ["grpc-timeout", "soon"]]),
  request("/inference.GRPCInferenceService/ServerLive", [...GRPC, ["grpc-encoding", "gzip"]]),
  request(WATCH, GRPC),
  request(REFLECTION, GRPC),
  request("/no.such/Method", GRPC),
  request("/ with spaces", JSON_BODY),
  request("/\u00e4\u00f6", JSON_BODY),
  request("*", [], "OPTIONS"),
  request("", [], "GET"),
  request("/metrics", [], "BAD METHOD"),
  [
    [":method", "CONNECT"],
    [":authority", "x:1"],
  ],
  [[":path", "/"]],
  [],
];

const streams = fc.constantFrom(1, 1, 1, 3, 3, 5, 7, 9, 11, 0, 2, 0x7fffffff);
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));

const credentials = fc.constantFrom(...CREDENTIALS);

const headerBlock = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.constantFrom(...REQUESTS), credentials)
      .map(([fields, more]) => encodeFields([...fields, ...more])),
  },
  { weight: 1, arbitrary: bytes(60) },
  // A head of more than any server takes, and one that grows in the decoder: a long entry of the table, named again and again.
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 20 }).map((n) => encodeFields(largeFields(n))) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 4000 }).map(growingBlock) },
);

function largeFields(count: number): Fields {
  const large = Array.from({ length: count }, (_, i) => [`x-${i}`, "v".repeat(4000)] as const);
  return request("/v2/health/live", large, "GET");
}

function growingBlock(times: number): Buffer {
  const indexed = Buffer.concat([Buffer.from([0x40]), text("a"), text("v".repeat(3000))]);
  return Buffer.concat([encodeFields(request("/", [], "GET")), indexed, Buffer.alloc(times, 0xbe)]);
}

const headers = fc
  .tuple(
    streams,
    headerBlock,
    fc.constantFrom(END_STREAM, 0),
    fc.constantFrom(END_HEADERS, END_HEADERS, END_HEADERS, 0),
  )
  .map(([stream, block, end, whole]) => cutFrames(HEADERS, end | whole, stream, block));

/** Frames take 16,384 bytes; what is longer goes on in CONTINUATION, and here all of them say that they are the last. */
function cutFrames(type: number, flags: number, stream: number, block: Buffer): Buffer {
  const frames = [frame(type, flags, stream, block.subarray(0, 16_384))];
  for (let from = 16_384; from < block.length; from += 16_384) {
    frames.push(frame(CONTINUATION, flags, stream, block.subarray(from, from + 16_384)));
  }
  return Buffer.concat(frames);
}

const body = fc.oneof(
  fc.constantFrom(
    "",
    "{",
    '{"instances":[1]}',
    "\0\0\0\0\0",
    "\0\0\0\x01\0abc",
    "\x01\0\0\0\x03abc",
    "\xff\xff\xff\xff\xff",
  ),
  fc.string({ maxLength: 40 }),
);
const data = fc
  .tuple(streams, body, fc.constantFrom(0, END_STREAM, 8, 9))
  .map(([stream, content, flags]) => frame(DATA, flags, stream, Buffer.from(content, "latin1")));

/** A message as gRPC frames it, of these bytes in hexadecimal. */
function message(hex: string): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(hex.length / 2, 1);
  return Buffer.concat([head, Buffer.from(hex, "hex")]);
}

/** Calls of gRPC that are right: to infer with the model "m", to watch the health, to list the services; and the bytes of a request. */
const CALLS: readonly (readonly [string, Buffer])[] = [
  [INFER, message("0a016d")],
  [INFER, message("0a016d2a0f0a01781203494e5438180142030a0101")],
  [INFER, Buffer.concat([message("0a016d"), message("0a016d")])],
  ["/inference.GRPCInferenceService/ModelMetadata", message("0a016d")],
  ["/grpc.health.v1.Health/Check", message("")],
  [WATCH, message("")],
  [WATCH, message("0a0178")],
  [REFLECTION, message("3a00")],
  [REFLECTION, Buffer.concat([message("3a00"), message("2200"), message("ff")])],
];

/** A whole call, or one that goes on, or breaks off: the caller leaves it, at once or after its message. */
const calls = fc
  .record({
    stream: streams,
    call: fc.constantFrom(...CALLS),
    credentials,
    ends: fc.boolean(),
    leaves: fc.constantFrom("never", "never", "at once", "later"),
  })
  .map(({ stream, call: [path, bytes], credentials: more, ends, leaves }) => {
    const reset = frame(RST_STREAM, 0, stream, Buffer.from([0, 0, 0, 8]));
    return Buffer.concat([
      frame(HEADERS, END_HEADERS, stream, encodeFields(request(path, [...GRPC, ...more]))),
      ...(leaves === "at once" ? [reset] : []),
      frame(DATA, ends ? END_STREAM : 0, stream, bytes),
      ...(leaves === "later" ? [reset] : []),
    ]);
  });

const setting = fc.tuple(
  fc.constantFrom(1, 2, 3, 4, 5, 6, 8, 0xffff),
  fc.constantFrom(0, 1, 100, 65_535, 0x7fffffff, 0xffffffff),
);
const settings = fc.array(setting, { maxLength: 4 }).map((pairs) => {
  const payload = Buffer.alloc(pairs.length * 6);
  for (const [i, [name, value]] of pairs.entries()) {
    payload.writeUInt16BE(name, i * 6);
    payload.writeUInt32BE(value, i * 6 + 2);
  }
  return frame(SETTINGS, 0, 0, payload);
});

/** Every other frame, with any length: PING takes 8 bytes, RST_STREAM and WINDOW_UPDATE take 4. */
const others = fc
  .tuple(
    fc.constantFrom(
      PRIORITY,
      RST_STREAM,
      RST_STREAM,
      SETTINGS,
      PUSH_PROMISE,
      PING,
      GOAWAY,
      WINDOW_UPDATE,
      CONTINUATION,
      77,
    ),
    fc.constantFrom(0, 0, 1, 4, 255),
    streams,
    fc.oneof(fc.constantFrom(Buffer.alloc(4), Buffer.alloc(3), Buffer.alloc(8), Buffer.alloc(0)), bytes(24)),
  )
  .map(([type, flags, stream, payload]) => frame(type, flags, stream, payload));

const control = fc.oneof(
  streams.map((stream) => frame(RST_STREAM, 0, stream, Buffer.from([0, 0, 0, 8]))),
  fc.constant(frame(SETTINGS, 1, 0)),
  fc.constant(frame(PING, 0, 0, Buffer.alloc(8))),
  fc.constant(frame(WINDOW_UPDATE, 0, 0, Buffer.from([0, 255, 255, 255]))),
);

/** One frame again and again: PING, SETTINGS, or a request that is reset at once. */
const floods = fc
  .tuple(fc.constantFrom("settings", "ping", "reset"), fc.integer({ min: 50, max: 2500 }))
  .map(([kind, n]) => {
    if (kind === "settings") return Buffer.concat(Array.from({ length: n }, () => frame(SETTINGS, 0, 0)));
    if (kind === "ping") return Buffer.concat(Array.from({ length: n }, () => frame(PING, 0, 0, Buffer.alloc(8))));
    const head = encodeFields(request(V1, JSON_BODY));
    const pairs = Array.from({ length: Math.min(n, 500) }, (_, i) => [
      frame(HEADERS, END_HEADERS, 2 * i + 1, head),
      frame(RST_STREAM, 0, 2 * i + 1, Buffer.from([0, 0, 0, 8])),
    ]);
    return Buffer.concat(pairs.flat());
  });

const frames = fc.array(
  fc.oneof(
    { weight: 40, arbitrary: headers },
    { weight: 20, arbitrary: calls },
    { weight: 20, arbitrary: data },
    { weight: 20, arbitrary: control },
    { weight: 15, arbitrary: others },
    { weight: 4, arbitrary: settings },
    { weight: 2, arbitrary: bytes(40) },
    { weight: 1, arbitrary: floods },
  ),
  { minLength: 1, maxLength: 12 },
);

const opening = fc.oneof(
  { weight: 30, arbitrary: fc.constant(Buffer.concat([PREFACE, frame(SETTINGS, 0, 0)])) },
  { weight: 2, arbitrary: settings.map((first) => Buffer.concat([PREFACE, first])) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: PREFACE.length }).map((n) => PREFACE.subarray(0, n)) },
);

/** Everything in one write, or a write for each frame, cut off anywhere. */
export const http2Scripts: fc.Arbitrary<Http2Script> = fc
  .record({
    guarded: fc.boolean(),
    opening,
    frames,
    together: fc.boolean(),
    cut: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat(300) }),
    end: fc.constantFrom<Http2Script["end"][]>("finish", "finish", "reset", "reset", "stay"),
    reads: fc.boolean(),
  })
  .map(({ guarded, opening: first, frames: rest, together, cut, end, reads }) => {
    const all = [first, ...rest];
    const writes = together || cut !== undefined ? [Buffer.concat(all).subarray(0, cut)] : all;
    return { guarded, writes, end, reads };
  });
