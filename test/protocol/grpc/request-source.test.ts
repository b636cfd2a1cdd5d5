import { Buffer } from "node:buffer";
import { GrpcRequestSource } from "../../../src/protocol/grpc/decode.ts";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";

/** A `ModelInferRequest` of nothing but a version and an id. */
function message(version: string, id: string): Buffer {
  const field = (number: number, text: string) =>
    Buffer.concat([Buffer.from([(number << 3) | 2, text.length]), Buffer.from(text)]);
  return Buffer.concat([field(2, version), field(3, id)]);
}

test("a source over other bytes reads these, head and contents", () => {
  const source = new GrpcRequestSource({ headers: {}, body: [message("1", "first")] }, DEFAULT_LIMITS);
  expect(source.read().id).toBe("first");
  const other = source.withBody([message("2", "second")]);
  expect([other.modelVersion, other.read().id]).toEqual(["2", "second"]);
  expect(() => source.withBody([Buffer.from([0xff])]).read()).toThrow("expected a protobuf message ModelInferRequest");
});
