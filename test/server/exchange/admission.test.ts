import type { InferRequest } from "../../../src/inference/infer-request.ts";
import type { InferResponse } from "../../../src/inference/infer-response.ts";
import { Admission } from "../../../src/server/exchange/admission.ts";
import { testTransformer } from "../../../src/testing/test-transformer.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";

const never = () => new AbortController().signal;

describe("Admission", () => {
  test("a place goes to who waited longest, and not to a newcomer", async () => {
    const admission = new Admission({ maxConcurrency: 1, maxQueue: 3 });
    const order: string[] = [];
    const enter = (name: string) => admission.enter(never).then(() => order.push(name));
    await admission.enter(never);
    const waiting = [enter("second"), enter("third")];
    admission.leave();
    waiting.push(enter("newcomer"));
    await waiting[0];
    expect(order).toEqual(["second"]);
    admission.leave();
    admission.leave();
    await Promise.all(waiting);
    expect(order).toEqual(["second", "third", "newcomer"]);
  });

  test("a full queue refuses with Retry-After and the numbers", async () => {
    const admission = new Admission({ maxConcurrency: 1, maxQueue: 0 });
    await admission.enter(never);
    await expect(admission.enter(never)).rejects.toMatchObject({
      status: 503,
      headers: { "retry-after": "1" },
      message: "1 requests are being answered (max_concurrency) and 0 wait (max_queue)",
    });
    admission.leave();
    await admission.enter(never);
  });

  test("who leaves the queue takes no place", async () => {
    const admission = new Admission({ maxConcurrency: 1, maxQueue: 1 });
    await admission.enter(never);
    const controller = new AbortController();
    const waiting = admission.enter(() => controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
    expect(admission.queued).toBe(0);
    admission.leave();
    await admission.enter(never);
  });
});

test("requests beyond both bounds get 503, those within are answered", async () => {
  const finish: (() => void)[] = [];
  class Slow extends Transformer {
    override async predict(request: InferRequest): Promise<InferResponse> {
      await new Promise<void>((resolve) => finish.push(resolve));
      return request.reply({ predictions: [1] });
    }
  }
  const model = testTransformer(Slow, { maxConcurrency: 1, maxQueue: 1 });
  const calls = [1, 2, 3].map(() => model.predict({ instances: [1] }));
  const refused = await Promise.race(calls);
  expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "1"]);
  for (let answered = 0; answered < 2; answered++) {
    while (finish.length === 0) await new Promise((resolve) => setImmediate(resolve));
    finish.shift()?.();
  }
  expect((await Promise.all(calls)).map(({ status }) => status).sort()).toEqual([200, 200, 503]);
});
