import { jest } from "@jest/globals";
import type { Dispatcher } from "undici";
import { HttpCall, type HttpCallScope } from "../../../src/predictor/http/call.ts";
import { RetryBudget, retryDelayMs } from "../../../src/predictor/retry-budget.ts";
import { createRecorder } from "../../policy/forward-recorder.ts";
import { inferenceErrorOf } from "../requests.ts";

type Behave = (handler: Dispatcher.DispatchHandler, attempt: number) => void;

/** A dispatcher that does what it is told; nothing else of undici is asked for. */
function start(behave: Behave, retries: number, budget = new RetryBudget(), timeoutMs = 10_000) {
  let attempts = 0;
  const dispatch = (_options: unknown, handler: Dispatcher.DispatchHandler): void => behave(handler, attempts++);
  const scope: HttpCallScope = { address: "demo:80", dispatch, dispatchFresh: dispatch, retries, budget };
  const recorder = createRecorder();
  const call = new HttpCall(scope, { path: "/", method: "POST" }, recorder, timeoutMs);
  call.start();
  return { recorder, call, attempts: () => attempts };
}

const controller = { abort: () => undefined, pause: () => undefined, resume: () => undefined } as never;
const failure = (code: string) => Object.assign(new Error(code), { code });

const succeed: Behave = (handler) => {
  handler.onRequestStart?.(controller, undefined);
  handler.onResponseStart?.(controller, 200, {});
  handler.onResponseEnd?.(controller, {});
};

test.each(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ECONNRESET"])(
  "a connection that fails with %s is tried again",
  async (code) => {
    const { recorder, attempts } = start((handler, attempt) => {
      if (attempt < 2) handler.onResponseError?.(controller, failure(code));
      else succeed(handler, attempt);
    }, 2);
    await recorder.ended;
    expect(attempts()).toBe(3);
    expect(recorder.events).toEqual(["head", "end"]);
  },
);

test("there are no more tries than allowed; none is the default", async () => {
  const refuse: Behave = (handler) => handler.onResponseError?.(controller, failure("ECONNREFUSED"));
  const never = start(refuse, 0);
  expect(await inferenceErrorOf(never.recorder.ended)).toMatchObject({ code: "unavailable" });
  expect(never.attempts()).toBe(1);
  const twice = start(refuse, 2);
  await inferenceErrorOf(twice.recorder.ended);
  expect(twice.attempts()).toBe(3);
});

test.each(["UND_ERR_CONNECT_TIMEOUT", "ETIMEDOUT", "CERT_HAS_EXPIRED", "UND_ERR_CLOSED"])(
  "%s is not tried again",
  async (code) => {
    const { recorder, attempts } = start((handler) => handler.onResponseError?.(controller, failure(code)), 5);
    await inferenceErrorOf(recorder.ended);
    expect(attempts()).toBe(1);
  },
);

test("nothing is tried again once the request was on its way", async () => {
  const { recorder, attempts } = start((handler) => {
    handler.onRequestStart?.(controller, undefined);
    handler.onResponseError?.(controller, failure("ECONNRESET"));
  }, 5);
  expect(await inferenceErrorOf(recorder.ended)).toMatchObject({ code: "unavailable" });
  expect(attempts()).toBe(1);
});

test("tries share one deadline", async () => {
  const refuse: Behave = (handler) => handler.onResponseError?.(controller, failure("ECONNREFUSED"));
  const { recorder } = start(refuse, Number.MAX_SAFE_INTEGER, { earn: () => undefined, take: () => true } as never, 30);
  expect(await inferenceErrorOf(recorder.ended)).toMatchObject({ code: "deadline_exceeded" });
});

test("an aborted call is not tried again", () => {
  jest.useFakeTimers();
  try {
    const refuse: Behave = (handler) => handler.onResponseError?.(controller, failure("ECONNREFUSED"));
    const { call, attempts, recorder } = start(refuse, 5);
    call.abort();
    expect(jest.getTimerCount()).toBe(0);
    expect(attempts()).toBe(1);
    expect(recorder.events).toEqual([]);
  } finally {
    jest.useRealTimers();
  }
});

test("interim answers are no heads", async () => {
  const { recorder } = start((handler) => {
    handler.onRequestStart?.(controller, undefined);
    handler.onResponseStart?.(controller, 103, { link: "x" });
    handler.onResponseStart?.(controller, 200, { "x-a": "b" });
    handler.onResponseEnd?.(controller, {});
  }, 0);
  await recorder.ended;
  expect(recorder).toMatchObject({ events: ["head", "end"], status: 200, headers: { "x-a": "b" } });
});

test("a budget allows ten retries at first, then one in ten calls", () => {
  const budget = new RetryBudget();
  const taken = () => Array.from({ length: 20 }, () => budget.take()).filter(Boolean).length;
  expect(taken()).toBe(10);
  for (let call = 0; call < 25; call++) budget.earn();
  expect(taken()).toBe(2);
  for (let call = 0; call < 1000; call++) budget.earn();
  expect(taken()).toBe(10);
});

test("retries wait longer each time, by chance, and never beyond two seconds", () => {
  const longest = (attempt: number) => Math.max(...Array.from({ length: 1000 }, () => retryDelayMs(attempt)));
  const shortest = Math.min(...Array.from({ length: 1000 }, () => retryDelayMs(10)));
  expect(longest(0)).toBeLessThanOrEqual(100);
  expect(longest(2)).toBeGreaterThan(200);
  expect(longest(10)).toBeLessThanOrEqual(2000);
  expect(shortest).toBeLessThan(500);
});
