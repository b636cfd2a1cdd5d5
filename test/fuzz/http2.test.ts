import { existsSync } from "node:fs";
import { Http2Target, runHttp2 } from "../../fuzz/http2.ts";
import { encodeFields, frame } from "../../fuzz/http2-frames.ts";

/** A short run of what `node fuzz/run.mjs --connections N` does long, with a new seed every time. */
const CONNECTIONS = 400;

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** The process must outlive what is written to it at once. */
async function assertOutlives(...frames: readonly Buffer[]): Promise<void> {
  const target = new Http2Target();
  await target.start();
  try {
    const write = Buffer.concat([PREFACE, frame(4, 0, 0), ...frames]);
    await target.play([{ guarded: false, writes: [write], end: "finish", reads: true }]);
    await target.settle({ descriptors: 1000, timers: 1000 });
    expect(target.fault).toBeUndefined();
  } finally {
    await target.stop();
  }
}

/** What a process holds is seen in /proc; visibly skipped elsewhere. */
const testWithProc = existsSync("/proc/self/fd") ? test : test.skip;

testWithProc(
  "whatever HTTP/2 frames come, the server lives, answers and keeps nothing",
  async () => {
    const { failure, before, after } = await runHttp2({ connections: CONNECTIONS });
    expect(failure).toBeUndefined();
    expect(after.descriptors).toBeLessThanOrEqual(before.descriptors);
    expect(after.timers).toBeLessThanOrEqual(before.timers);
  },
  90_000,
);

/** HEADERS and RST_STREAM in one packet: whoever answers finds nobody. */
test.each([
  ["a body that waits for 100-continue", "/v1/models/m:predict", "application/json", "100-continue"],
  ["an unknown method of gRPC", "/no.such/Method", "application/grpc", ""],
  ["a method of gRPC", "/inference.GRPCInferenceService/ServerLive", "application/grpc", ""],
])(
  "%s that is reset at once ends nothing",
  async (_, path, contentType, expect100) => {
    const fields = encodeFields([
      [":method", "POST"],
      [":scheme", "http"],
      [":path", path],
      [":authority", "x"],
      ["content-type", contentType],
      ...(expect100 === "" ? [] : ([["expect", expect100]] as const)),
    ]);
    await assertOutlives(frame(1, 4, 1, fields), frame(3, 0, 1, Buffer.from([0, 0, 0, 8])));
  },
  30_000,
);

/** A session that is over, and a frame of a length that no such frame has: the nghttp2 of Node 20 aborts where Node ends the session at once. */
test.each([
  ["PRIORITY", 2],
  ["RST_STREAM", 3],
  ["SETTINGS", 4],
  ["PING", 6],
  ["WINDOW_UPDATE", 8],
])(
  "GOAWAY, a request and a wrong %s in one packet end nothing",
  async (_, type) => {
    const fields = encodeFields([
      [":method", "GET"],
      [":scheme", "http"],
      [":path", "/v2/health/live"],
      [":authority", "x"],
    ]);
    const request = frame(1, 5, 7, fields);
    await assertOutlives(
      frame(7, 0, 0, Buffer.alloc(8)),
      request,
      frame(type, 0, type === 4 ? 0 : 5, Buffer.alloc(10)),
    );
  },
  30_000,
);
