import { createHttpPredictor } from "../../../src/predictor/http/http-predictor.ts";
import { sampleTensor } from "../../protocol/sample-tensors.ts";
import { startLoopback } from "../loopback-predictor.ts";
import { rowsRequest, tensorsRequest } from "../requests.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Turns of the microtask queue until the predictor was called. */
async function turnsUntilSent(infer: (observe: () => void) => Promise<unknown>): Promise<number> {
  let isSent = false;
  const response = infer(() => {
    isSent = true;
  });
  let turns = 0;
  for (; !isSent && turns < 100; turns++) await Promise.resolve();
  await response;
  return turns;
}

test.each([
  ["tensors", () => tensorsRequest(sampleTensor("FP32", [2, 3]))],
  ["rows, whose datatypes the metadata say", () => rowsRequest([[1, 2, 3]])],
])("what the predictor said once delays no request with %s, and is not asked again", async (_name, create) => {
  const loopback = await startLoopback();
  const predictor = createHttpPredictor({ host: loopback.url, modelName: "m", protocol: "v2" });
  closers.push(loopback.close, () => predictor.close());
  const turns = () =>
    turnsUntilSent((observe) =>
      predictor.infer(create(), { observe: ({ direction }) => direction === "request" && observe() }),
    );
  expect(await turns()).toBe(100);
  expect(await turns()).toBe(0);
  const gets = loopback.seen.filter(({ method }) => method === "GET").map(({ path }) => path);
  expect(gets).toEqual([...new Set(gets)]);
});
