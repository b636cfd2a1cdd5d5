import { jest } from "@jest/globals";
import { InferenceError } from "../../src/errors.ts";
import {
  cancellation,
  composeDeadline,
  type OnLeave,
  parseTimeout,
  shorterTimeout,
  untilAborted,
} from "../../src/policy/deadline.ts";
import { inferenceErrorOf } from "../predictor/requests.ts";

describe("a client's own deadline", () => {
  test.each([
    [{ "grpc-timeout": "1H" }, 3_600_000],
    [{ "grpc-timeout": "2M" }, 120_000],
    [{ "grpc-timeout": "3S" }, 3000],
    [{ "grpc-timeout": "250m" }, 250],
    [{ "grpc-timeout": "1500u" }, 2],
    [{ "grpc-timeout": "1n" }, 1],
    [{ "grpc-timeout": "99999999H" }, 99_999_999 * 3_600_000],
    [{ "x-request-timeout-ms": "1500" }, 1500],
    [{ "x-request-timeout-ms": "1500", "grpc-timeout": "1S" }, 1000],
    [{ "x-request-timeout-ms": ["700", "800"] }, 700],
    [{}, undefined],
    [{ "grpc-timeout": "soon" }, undefined],
    [{ "grpc-timeout": "123456789S" }, undefined],
    [{ "x-request-timeout-ms": "-5" }, undefined],
    [{ "x-request-timeout-ms": "1.5" }, undefined],
  ])("%j is %s ms", (headers, expected) => {
    expect(parseTimeout(headers)).toBe(expected);
  });

  test("counts when it is shorter than the limit, and where there is no limit", () => {
    expect(shorterTimeout(1000, { "x-request-timeout-ms": "10" })).toBe(10);
    expect(shorterTimeout(1000, { "x-request-timeout-ms": "5000" })).toBe(1000);
    expect(shorterTimeout(0, { "x-request-timeout-ms": "5000" })).toBe(5000);
    expect(shorterTimeout(1000, { "x-request-timeout-ms": "0" })).toBe(1);
    expect(shorterTimeout(0, {})).toBe(0);
  });
});

describe("a deadline's signal", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test("is aborted with deadline_exceeded when the time is over", () => {
    const deadline = composeDeadline(undefined, {}, 1000);
    jest.advanceTimersByTime(999);
    expect(deadline.signal.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(deadline.signal.reason).toMatchObject({ code: "deadline_exceeded", message: "no response within 1000 ms" });
  });

  test("is aborted with cancelled when the client leaves, and its timer is gone", () => {
    const client = new AbortController();
    const deadline = composeDeadline(client.signal, {}, 1000);
    client.abort();
    expect(deadline.signal.reason).toMatchObject({ code: "cancelled" });
    expect(jest.getTimerCount()).toBe(0);
  });

  test("is aborted at once when the client has left before", () => {
    const deadline = composeDeadline(AbortSignal.abort(), {}, 1000);
    expect(deadline.signal.aborted).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("leaves neither timer nor listener behind when it is closed", () => {
    const client = new AbortController();
    const remove = jest.spyOn(client.signal, "removeEventListener");
    const deadline = composeDeadline(client.signal, {}, 1000);
    expect(jest.getTimerCount()).toBe(1);
    deadline.close();
    expect(jest.getTimerCount()).toBe(0);
    expect(remove).toHaveBeenCalledTimes(1);
    client.abort();
    expect(deadline.signal.aborted).toBe(false);
  });

  test("follows a client that says without a signal that it has left", () => {
    const left = new InferenceError("the client left", { code: "cancelled" });
    const listeners: ((reason: InferenceError) => void)[] = [];
    const follow: OnLeave = (listener) => listeners.push(listener);
    const deadline = composeDeadline(follow, {}, 1000);
    const closed = composeDeadline(follow, {}, 1000);
    const gone = composeDeadline((listener) => listener(left), {}, 1000);
    expect([deadline.signal.aborted, gone.signal.reason, jest.getTimerCount()]).toEqual([false, left, 2]);
    closed.close();
    for (const leave of listeners) leave(left);
    expect([deadline.signal.reason, closed.signal.aborted, jest.getTimerCount()]).toEqual([left, false, 0]);
  });

  test("never ends where neither side set a time, or one that no timer can count", () => {
    composeDeadline(undefined, {}, 0);
    composeDeadline(undefined, { "grpc-timeout": "99999999H" }, 0);
    expect(jest.getTimerCount()).toBe(0);
  });
});

test("an aborted signal stands for the InferenceError it was aborted with, else for cancelled", () => {
  const own = new InferenceError("late", { code: "deadline_exceeded" });
  expect(cancellation(AbortSignal.abort(own))).toBe(own);
  expect(cancellation(AbortSignal.abort("why"))).toMatchObject({ code: "cancelled", cause: "why" });
});

describe("waiting until a signal is aborted", () => {
  test("gives the promise's own outcome and takes its listener away", async () => {
    const controller = new AbortController();
    const remove = jest.spyOn(controller.signal, "removeEventListener");
    expect(await untilAborted(Promise.resolve(1), controller.signal)).toBe(1);
    await expect(untilAborted(Promise.reject(new Error("own")), controller.signal)).rejects.toThrow("own");
    expect(remove).toHaveBeenCalledTimes(2);
  });

  test("ends at the abort, though the promise goes on", async () => {
    const controller = new AbortController();
    const waiting = inferenceErrorOf(untilAborted(new Promise(() => undefined), controller.signal));
    controller.abort();
    expect((await waiting).code).toBe("cancelled");
  });

  test("hears nothing of a promise that fails after the abort", async () => {
    const failing = Promise.reject(new Error("later"));
    expect((await inferenceErrorOf(untilAborted(failing, AbortSignal.abort()))).code).toBe("cancelled");
  });
});
