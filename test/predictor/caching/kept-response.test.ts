import type { InferRequest } from "../../../src/inference/infer-request.ts";
import type { InferResponse } from "../../../src/inference/infer-response.ts";
import { createCachingPredictor } from "../../../src/predictor/caching/caching-predictor.ts";
import { createHttpPredictor } from "../../../src/predictor/http/http-predictor.ts";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";
import { selectCodec } from "../../../src/protocol/select-codec.ts";
import { startLoopback } from "../loopback-predictor.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const OPTIONS = { cacheBytes: 1_000_000, cacheTtlSeconds: 60, coalesce: true };

/** A caching predictor before one that answers every inference with the text `answer` gives. */
async function start(protocol: "v1" | "v2", answer: (calls: number) => string) {
  let calls = 0;
  const loopback = await startLoopback({
    intercept: ({ method }, response) => {
      if (method !== "POST") return false;
      calls += 1;
      response.writeHead(200, { "content-type": "application/json" }).end(answer(calls));
      return true;
    },
  });
  const predictor = createHttpPredictor({ host: loopback.url, modelName: "m", protocol });
  closers.push(loopback.close, () => predictor.close());
  return { cached: createCachingPredictor(predictor, OPTIONS), calls: () => calls };
}

function request(wire: "v1" | "v2", text: string): InferRequest {
  const message = { headers: { "content-type": "application/json" }, body: [Buffer.from(text)] };
  return selectCodec(wire).decodeRequest(message, { modelName: "m", limits: DEFAULT_LIMITS });
}

const V1 = () => request("v1", '{"instances":[[1,2,3]]}');
const V2 = () => request("v2", '{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}');
/** What a caller reads of a response, as text. */
const seen = ({ predictions, outputs, members }: InferResponse): readonly string[] => [
  JSON.stringify([predictions, members]),
  ...outputs.map(({ data }) => Array.from(data as readonly unknown[], String).join()),
];
const output = (datatype: string, data: string) =>
  `{"model_name":"m","outputs":[{"name":"y","datatype":"${datatype}","shape":[1],"data":${data}}]}`;

const UNREADABLE: readonly ["v1" | "v2", string][] = [
  ["v1", '{"predictions":[1,]}'],
  ["v1", "{}"],
  ["v1", "[]"],
  ["v1", '{"predictions":[1e400]}'],
  ["v1", '{"predictions":5}'],
  ["v2", output("BYTES", "[1]")],
  ["v2", output("INT8", "[1000]")],
  ["v2", output("FP32", "[1,2]")],
  ["v2", '{"outputs":{}}'],
];

describe("a response that is kept", () => {
  // An error that nobody awaits would end the process: jest reports it as a failure of the run.
  test.each(UNREADABLE)("a %s predictor's %s is each caller's 502, and is not kept", async (protocol, text) => {
    const { cached, calls } = await start(protocol, () => text);
    const unhandled: unknown[] = [];
    const listener = (error: unknown) => void unhandled.push(error);
    process.on("unhandledRejection", listener);
    try {
      for (const ask of [V1, V2]) {
        const both = await Promise.allSettled([cached.infer(ask()), cached.infer(ask())]);
        for (const one of both) expect(one).toMatchObject({ status: "rejected", reason: { code: "bad_gateway" } });
      }
      await expect(cached.infer(V1())).rejects.toMatchObject({ code: "bad_gateway" });
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      process.off("unhandledRejection", listener);
    }
    expect([unhandled, calls()]).toEqual([[], 3]);
  });

  test.each([
    ["v1", '{"predictions":[[1.5,2]],"more":{"a":[1]}}'],
    ["v2", output("FP32", "[1.5]")],
    ["v2", output("BYTES", '["a"]')],
  ] as const)("%s, %s: what one caller changes in place is not seen by another", async (protocol, text) => {
    const { cached, calls } = await start(protocol, () => text);
    const ask = (): Promise<InferResponse> => cached.infer(V2());
    const [first, joined] = await Promise.all([ask(), ask()]);
    const wanted = seen(first);
    for (const response of [first, joined, await ask()]) {
      expect(seen(response)).toEqual(wanted);
      const [row] = response.predictions;
      if (Array.isArray(row)) row[0] = 99;
      for (const { data } of response.outputs) {
        if (ArrayBuffer.isView(data)) (data as Uint8Array)[0] = 99;
        else if (data[0] instanceof Uint8Array) data[0][0] = 99;
      }
      const { more } = response.members as { more?: { a: unknown[] } };
      more?.a.push(2);
    }
    expect(seen(await ask())).toEqual(wanted);
    expect(calls()).toBe(1);
  });

  test("keeps the text of a V1 predictor's numbers", async () => {
    const { cached } = await start("v1", () => '{"predictions": [1.0, 12345678901234567890]}');
    for (let i = 0; i < 2; i++) {
      const { source } = await cached.infer(V1());
      expect(Buffer.concat([...(source?.message.body ?? [])]).toString()).toBe(
        '{"predictions": [1.0, 12345678901234567890]}',
      );
    }
  });
});

describe("requests that a predictor can tell apart", () => {
  test.each([
    ["[1]", "[1.0]"],
    ["[0]", "[-0.0]"],
    ["[1]", "[true]"],
    ['["1"]', "[1]"],
    ["[9007199254740993]", "[9007199254740992]"],
  ])("%s and %s share nothing", async (one, other) => {
    const { cached, calls } = await start("v1", () => '{"predictions":[1]}');
    for (const rows of [one, other, one]) await cached.infer(request("v1", `{"instances":${rows}}`));
    expect(calls()).toBe(2);
  });

  test("rows and columns, and a hook's -0 and 0, have digests of their own", () => {
    const empty = request("v1", '{"instances":["x","FP32",[0],{}]}');
    const tensor = request("v2", '{"inputs":[{"name":"x","datatype":"FP32","shape":[0],"data":[]}]}');
    expect(empty.digest()).not.toBe(tensor.digest());
    expect(V1().withInstances([-0]).digest()).not.toBe(V1().withInstances([0]).digest());
  });
});
