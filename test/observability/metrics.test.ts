import { InferenceError } from "../../src/errors.ts";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import type { RequestContext } from "../../src/inference/request-context.ts";
import { createMetrics, type Metrics } from "../../src/observability/metrics.ts";
import { v1Request } from "../../src/testing/requests.ts";
import { testTransformer } from "../../src/testing/test-transformer.ts";
import { Transformer } from "../../src/transformer/transformer.ts";

let metrics: Metrics;
beforeEach(() => {
  metrics = createMetrics();
});
afterEach(() => metrics.close());

class Fetching extends Transformer {
  override async preprocess(request: InferRequest, context: RequestContext<undefined>): Promise<InferRequest> {
    await context.fetch("https://example.com/a");
    return request;
  }
  override postprocess(response: InferResponse): InferResponse {
    return response;
  }
}

const GET_METRICS = { method: "GET" as const, path: "/metrics", headers: {}, body: new Uint8Array() };

describe("metrics", () => {
  test("count requests by status and time the stages under the SDK's names", async () => {
    const files = { "https://example.com/a": new Uint8Array(7) };
    const model = testTransformer(Fetching, { metrics, files, modelName: "m", predictor: { predictions: [1] } });
    await model.predict({ instances: [1] });
    const scraped = await model.predict(GET_METRICS);
    const text = new TextDecoder().decode(scraped.body);
    expect(scraped.headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(text).toContain(
      'kserve_transformer_requests_total{model_name="m",protocol="v1",verb="predict",status="200"} 1',
    );
    for (const stage of ["preprocess", "predict", "postprocess"]) {
      expect(text).toContain(`request_${stage}_seconds_count{model_name="m"} 1`);
    }
    expect(text).toContain('kserve_transformer_requests_in_flight{model_name="m"} 0');
    expect(text).toContain("kserve_transformer_download_bytes_total 7");
  });

  test("count a predictor's failures by kind", async () => {
    const predictor = () => {
      throw new InferenceError("busy", { code: "unavailable" });
    };
    const model = testTransformer(class extends Transformer {}, { metrics, modelName: "m", predictor });
    expect((await model.predict(v1Request({ instances: [1] }))).status).toBe(503);
    expect(await metrics.scrape()).toContain(
      'kserve_transformer_predictor_errors_total{model_name="m",kind="unavailable"} 1',
    );
    expect(await metrics.scrape()).toContain('verb="predict",status="503"} 1');
  });

  test("every family has its type, none uses a label that KServe's aggregator adds", async () => {
    const text = await metrics.scrape();
    const names = [...text.matchAll(/^([a-z_:]+?)(?:_bucket|_sum|_count)?\{/gm)].map(([, name]) => name);
    for (const name of new Set(names)) expect(text).toContain(`# TYPE ${name} `);
    expect(text).not.toMatch(/(service_name|configuration_name|revision_name)=/);
  });

  test("a server without metrics says so", async () => {
    const model = testTransformer(class extends Transformer {});
    const answer = await model.predict(GET_METRICS);
    expect([answer.status, answer.json]).toMatchObject([404, { error: "this server collects no metrics" }]);
  });
});
