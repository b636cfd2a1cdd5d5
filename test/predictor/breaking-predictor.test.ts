import { InferenceError } from "../../src/errors.ts";
import { createBreakingPredictor } from "../../src/predictor/breaking-predictor.ts";
import { createFunctionPredictor } from "../../src/predictor/embedded/function-predictor.ts";
import { inferenceErrorOf, rowsRequest } from "./requests.ts";

/** A predictor that answers, or throws what is set. */
function start(openMs: number) {
  const state: { failure: InferenceError | undefined; calls: number } = { failure: undefined, calls: 0 };
  const plain = createFunctionPredictor(() => {
    state.calls += 1;
    if (state.failure !== undefined) throw state.failure;
    return { predictions: [1] };
  });
  return { state, predictor: createBreakingPredictor(plain, { failures: 3, openMs }) };
}

const ask = (predictor: ReturnType<typeof start>["predictor"]) => predictor.infer(rowsRequest([1]));

test("after failures in a row nobody is asked, and clients are told when to come again", async () => {
  const { state, predictor } = start(60_000);
  state.failure = new InferenceError("gone", { code: "unavailable" });
  for (let i = 0; i < 3; i++) expect((await inferenceErrorOf(ask(predictor))).message).toBe("gone");
  const refused = await inferenceErrorOf(ask(predictor));
  expect(refused).toMatchObject({ status: 503, headers: { "retry-after": "60" } });
  expect(refused.message).not.toBe("gone");
  expect(state.calls).toBe(3);
});

test("a response in between, and a client's own mistakes, do not count", async () => {
  const { state, predictor } = start(60_000);
  for (const code of ["unavailable", "unavailable", undefined, "unavailable", "unavailable"] as const) {
    state.failure = code && new InferenceError("gone", { code });
    await ask(predictor).catch(() => undefined);
  }
  state.failure = new InferenceError("bad", { code: "invalid_argument" });
  for (let i = 0; i < 5; i++) expect((await inferenceErrorOf(ask(predictor))).message).toBe("bad");
  state.failure = undefined;
  expect((await ask(predictor)).predictions).toEqual([1]);
});

test("one call tries again, and its success lets all through", async () => {
  const { state, predictor } = start(1);
  state.failure = new InferenceError("late", { code: "deadline_exceeded" });
  for (let i = 0; i < 3; i++) await inferenceErrorOf(ask(predictor));
  state.failure = undefined;
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await ask(predictor)).predictions).toEqual([1]);
  expect((await ask(predictor)).predictions).toEqual([1]);
});
