import { existsSync } from "node:fs";
import { Http2Target, runHttp2 } from "../../fuzz/http2.ts";
import { encodeFields, frame } from "../../fuzz/http2-frames.ts";

/** A short run of what `node fuzz/run.mjs --connections N` does long; always the same, since Node 20's own HTTP/2 aborts on some. */
const CONNECTIONS = 400;
const SEED = 20261126;

/** What a process holds is seen in /proc; visibly skipped elsewhere. */
const testWithProc = existsSync("/proc/self/fd") ? test : test.skip;

testWithProc(
  "whatever HTTP/2 frames come, the server lives, answers and keeps nothing",
  async () => {
    const { failure, before, after } = await runHttp2({ connections: CONNECTIONS, seed: SEED });
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
    const target = new Http2Target();
    await target.start();
    try {
      const fields = encodeFields([
        [":method", "POST"],
        [":scheme", "http"],
        [":path", path],
        [":authority", "x"],
        ["content-type", contentType],
        ...(expect100 === "" ? [] : ([["expect", expect100]] as const)),
      ]);
      const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
      const reset = frame(3, 0, 1, Buffer.from([0, 0, 0, 8]));
      const write = Buffer.concat([preface, frame(4, 0, 0), frame(1, 4, 1, fields), reset]);
      await target.play([{ writes: [write], end: "finish", reads: true }]);
      await target.settle({ descriptors: 1000, timers: 1000 });
      expect(target.fault).toBeUndefined();
    } finally {
      await target.stop();
    }
  },
  30_000,
);
