import { jest } from "@jest/globals";
import { createTensor, InferenceError, InferRequest, type LoadContext, serve, Transformer } from "kserve-transformer";
import { Counter, register } from "prom-client";
import { createLogger } from "../../src/observability/logger.ts";
import { createMetrics } from "../../src/observability/metrics.ts";
import { createHttpPredictor } from "../../src/predictor/http/http-predictor.ts";
import { logError } from "../../src/server/exchange/log-error.ts";
import { startMockPredictor } from "../../src/testing/mock-predictor.ts";
import type { TransformerSource } from "../../src/transformer/model.ts";

const quiet = createLogger({ level: "silent" });

async function start(transformer: TransformerSource, options: object = {}) {
  return serve({ m: { transformer } }, { port: 0, host: "127.0.0.1", log: quiet, ...options });
}

test("a misspelt hook is named in the log, the author's own methods are not", async () => {
  class Misspelt extends Transformer {
    preproces() {}
    postProcess() {}
    readyToGo() {}
    scale() {}
  }
  const lines: unknown[] = [];
  const log = { ...quiet, warn: (_: object, message?: string) => lines.push(message), child: () => log } as never;
  const handle = await start(Misspelt, { log });
  await handle.close();
  expect(lines).toEqual([
    expect.stringMatching(
      /^model 'm': 'preproces' is no hook and never runs: did you mean 'preprocess'\? \(.*hooks\.test\.ts:19:5\)$/,
    ),
    expect.stringMatching(
      /^model 'm': 'postProcess' is no hook and never runs: did you mean 'postprocess'\? \(.*hooks\.test\.ts:20:5\)$/,
    ),
  ]);
});

test("the hook ready decides readiness; what it throws is no", async () => {
  let answer: () => boolean = () => false;
  class Warming extends Transformer {
    override ready(context: LoadContext) {
      return context.modelName === "m" && answer();
    }
  }
  const handle = await start(Warming);
  const statuses = async () =>
    Promise.all(
      ["/v2/health/ready", "/v2/models/m/ready", "/v1/models/m"].map(
        async (path) => (await fetch(handle.url + path)).status,
      ),
    );
  expect(await statuses()).not.toContain(200);
  answer = () => {
    throw new Error("not yet");
  };
  expect(await statuses()).not.toContain(200);
  answer = () => true;
  expect(await statuses()).toEqual([200, 200, 200]);
  await handle.close();
});

test("load warms the predictor with a request of its own", async () => {
  const mock = await startMockPredictor({});
  class Warm extends Transformer {
    override async load({ predictor, modelName }: LoadContext) {
      const inputs = [createTensor("x", "FP32", [1], new Float32Array(1))];
      await predictor.infer(InferRequest.create({ modelName, inputs }));
      await predictor.infer(InferRequest.create({ modelName, instances: [[1]] }));
    }
  }
  const predictor = createHttpPredictor({ host: mock.url, protocol: "v1", modelName: "m" });
  const handle = await serve({ m: { transformer: Warm, predictor } }, { port: 0, host: "127.0.0.1", log: quiet });
  await handle.ready();
  await handle.close();
  expect(mock.requests).toHaveLength(2);
  await mock.close();
});

test("metrics that a transformer makes with prom-client are scraped, ours are not there twice", async () => {
  const counter = new Counter({ name: "labels_total", help: "Labels" });
  const ours = new Counter({ name: "kserve_transformer_requests_total", help: "An author's" });
  counter.inc(3);
  const metrics = createMetrics();
  const text = await metrics.scrape();
  expect(text).toContain("\nlabels_total 3\n");
  expect(text.match(/# HELP kserve_transformer_requests_total/g)).toHaveLength(1);
  expect(
    (await metrics.collect()).filter(({ name }) => /^(labels|kserve_transformer_requests)_total$/.test(name)),
  ).toHaveLength(2);
  metrics.close();
  for (const { name } of [counter, ours] as unknown as { name: string }[]) register.removeSingleMetric(name);
});

test("a predictor's body stands in the log as text", () => {
  const error = jest.fn();
  const failure = new InferenceError("predictor failed", { code: "bad_gateway", body: Buffer.from('{"error":"é"}') });
  logError(failure, "id", { ...quiet, error } as never);
  expect(error).toHaveBeenCalledWith(expect.objectContaining({ body: '{"error":"é"}' }), "predictor failed");
  expect(JSON.stringify(failure)).not.toContain('"data":[');
});
