import { EventEmitter } from "node:events";
import { Metadata, type ServerWritableStream } from "@grpc/grpc-js";
import { InferenceError } from "../../../src/errors.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { beginAdmitted } from "../../../src/server/grpc/call.ts";

const log = createLogger({ level: "silent" });

/** What happens to a call, in order. */
function follow(admit: () => Promise<unknown> | undefined) {
  const happened: string[] = [];
  const call = Object.assign(new EventEmitter(), { metadata: new Metadata(), cancelled: false });
  call.on("error", () => happened.push("refused"));
  beginAdmitted(call as unknown as ServerWritableStream<Buffer, Buffer>, admit, log, () => happened.push("begun"));
  happened.push("returned");
  return { call, happened };
}

const refusal = () => Promise.reject(new InferenceError("no key", { code: "unauthenticated" }));
const settled = () => new Promise(setImmediate);

test("a stream begins at once where nobody is asked: begun a turn later, a reset call broke Node 20's memory", () => {
  expect(follow(() => undefined).happened).toEqual(["begun", "returned"]);
});

test.each([
  ["begins once its caller is let in", () => Promise.resolve(), ["returned", "begun"]],
  ["has the refusal for its status", refusal, ["returned", "refused"]],
])("a stream %s", async (_what, admit, expected) => {
  const { happened } = follow(admit);
  await settled();
  expect(happened).toEqual(expected);
});

test.each([
  ["let in", () => Promise.resolve()],
  ["refused", refusal],
])("a call that is reset before its caller is %s is left alone", async (_what, admit) => {
  const { call, happened } = follow(admit);
  call.cancelled = true;
  await settled();
  expect(happened).toEqual(["returned"]);
});
