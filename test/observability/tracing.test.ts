import { InMemorySpanExporter, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { InferenceError } from "../../src/errors.ts";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import { createTracing, type Tracing } from "../../src/observability/tracing.ts";
import { resolveTracingOptions, type TracingOptions } from "../../src/observability/tracing-options.ts";
import { createHttpPredictor } from "../../src/predictor/http/http-predictor.ts";
import { startMockPredictor } from "../../src/testing/mock-predictor.ts";
import { v1Request } from "../../src/testing/requests.ts";
import { testTransformer } from "../../src/testing/test-transformer.ts";
import { Transformer } from "../../src/transformer/transformer.ts";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class Hooked extends Transformer {
  override preprocess(request: InferRequest): InferRequest {
    return request;
  }
}

function optionsFrom(env: Record<string, string>): TracingOptions {
  const options = resolveTracingOptions({ OTEL_TRACES_EXPORTER: "otlp", ...env });
  if (options === undefined) throw new Error("no options");
  return options;
}

/** Exported spans are kept when the provider shuts down, unlike the in-memory exporter's own. */
class KeepingExporter extends InMemorySpanExporter {
  override async shutdown(): Promise<void> {}
}

async function trace(
  run: (tracing: Tracing) => Promise<void>,
  env: Record<string, string> = {},
): Promise<readonly ReadableSpan[]> {
  const exporter = new KeepingExporter();
  const tracing = await createTracing(optionsFrom(env), exporter);
  await run(tracing);
  await tracing.close();
  return exporter.getFinishedSpans();
}

describe("tracing", () => {
  test("a request is a span below the client's, its stages are below it, and the predictor continues it", async () => {
    const predictor = await startMockPredictor();
    let received: Headers | undefined;
    const spans = await trace(async (tracing) => {
      const client = createHttpPredictor({ host: predictor.url });
      const model = testTransformer(Hooked, { modelName: "m", listeners: [tracing], predictor: client });
      const answer = await model.predict({
        ...v1Request({ instances: [1] }),
        headers: { traceparent: TRACEPARENT, "x-request-id": "r-1" },
      });
      received = new Headers(answer.headers);
      await model.close();
    });
    await predictor.close();
    const [request] = spans.filter(({ name }) => name === "predict m");
    const [call] = spans.filter(({ name }) => name === "predict");
    const { traceId, spanId } = request?.spanContext() ?? {};
    expect(spans.map(({ name }) => name).sort()).toEqual(["encode", "predict", "predict m", "preprocess"]);
    expect([traceId, request?.parentSpanContext?.spanId]).toEqual(TRACEPARENT.split("-").slice(1, 3));
    expect(call?.parentSpanContext?.spanId).toBe(spanId);
    expect(predictor.requests[0]?.headers["traceparent"]).toBe(`00-${traceId}-${call?.spanContext().spanId}-01`);
    expect(received?.get("traceparent")).toBe(`00-${traceId}-${spanId}-01`);
    expect(request?.attributes).toMatchObject({
      "kserve.model_name": "m",
      "kserve.request_id": "r-1",
      "http.response.status_code": 200,
    });
  });

  test("a failed predictor marks its span and the request's, without causes", async () => {
    const spans = await trace(async (tracing) => {
      const predictor = () => {
        throw new InferenceError("busy", { code: "unavailable", cause: new Error("10.0.0.7") });
      };
      await testTransformer(Hooked, { listeners: [tracing], predictor }).predict({ instances: [1] });
    });
    const failed = spans.filter(({ status }) => status.code === 2);
    expect(failed.map(({ name, status }) => [name, status.message])).toEqual([
      ["predict", "busy"],
      ["predict model", "busy"],
    ]);
    expect(JSON.stringify(spans.map(({ attributes, events }) => [attributes, events]))).not.toContain("10.0.0.7");
  });

  test("the sampler of the environment decides", async () => {
    const ask = async (tracing: Tracing) => {
      await testTransformer(Hooked, { listeners: [tracing], predictor: { predictions: [1] } }).predict({
        instances: [1],
      });
    };
    expect(await trace(ask, { OTEL_TRACES_SAMPLER: "always_off" })).toEqual([]);
    const none = { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" };
    expect(await trace(ask, none)).toEqual([]);
  });
});

describe("resolveTracingOptions", () => {
  test("what KServe's controller injects", () => {
    const env = {
      OTEL_SERVICE_NAME: "clothes-transformer",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://otel-collector:4317",
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0.05",
      OTEL_RESOURCE_ATTRIBUTES: "k8s.pod.name=a%20b,isvc.name=clothes",
    };
    expect(resolveTracingOptions(env)).toEqual({
      serviceName: "clothes-transformer",
      exporter: "otlp",
      protocol: "grpc",
      endpoint: "http://otel-collector:4317",
      sampler: "parentbased_traceidratio",
      samplerRatio: 0.05,
      resource: { "k8s.pod.name": "a b", "isvc.name": "clothes" },
      responseHeader: "traceparent",
      responseStateHeader: "tracestate",
    });
  });

  test.each([
    ["nothing asks", {}],
    ["the SDK is disabled", { OTEL_TRACES_EXPORTER: "otlp", OTEL_SDK_DISABLED: "true" }],
    ["the exporter is none", { OTEL_TRACES_EXPORTER: "none" }],
  ])("no traces where %s", (_, env) => {
    expect(resolveTracingOptions(env)).toBeUndefined();
  });

  test.each([
    [{ OTEL_TRACES_EXPORTER: "zipkin" }, "OTEL_TRACES_EXPORTER must be one of otlp, console, none"],
    [{ OTEL_TRACES_EXPORTER: "otlp", OTEL_TRACES_SAMPLER: "half" }, "OTEL_TRACES_SAMPLER must be one of"],
    [{ OTEL_TRACES_EXPORTER: "otlp", OTEL_TRACES_SAMPLER_ARG: "2" }, "OTEL_TRACES_SAMPLER_ARG must be a number"],
  ])("%j is refused by name", (env, message) => {
    expect(() => resolveTracingOptions(env)).toThrow(message);
  });
});
