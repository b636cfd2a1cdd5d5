import { readFileSync } from "node:fs";
import { InMemorySpanExporter } from "@opentelemetry/sdk-trace-base";
import { Transformer } from "kserve-transformer";
import { createTracing, resolveTracingOptions } from "kserve-transformer/observability";
import { createEchoPredictor } from "kserve-transformer/predictor";
import { createApp } from "kserve-transformer/server";
import supertest from "supertest";

const page = readFileSync(new URL("../../docs/tracing.md", import.meta.url), "utf8");

class Echo extends Transformer {}

/** Spans are kept when the provider shuts down. */
class KeepingExporter extends InMemorySpanExporter {
  override async shutdown(): Promise<void> {}
}

test("docs/tracing.md: a server of your own makes the spans and attributes that the page lists", async () => {
  const exporter = new KeepingExporter();
  const options = resolveTracingOptions({ OTEL_TRACES_EXPORTER: "otlp", OTEL_SERVICE_NAME: "shop" });
  if (options === undefined) throw new Error("tracing is off");
  const tracing = await createTracing(options, exporter);
  const app = createApp(Echo, { modelName: "echo", predictor: createEchoPredictor(), listeners: [tracing] });
  const body = { instances: [1] };
  const response = await supertest(app).post("/v1/models/echo:predict").send(body).expect(200);
  expect(response.headers["traceparent"]).toMatch(/^00-/);
  await tracing.close();
  await app.close();
  const [request] = exporter.getFinishedSpans().filter(({ name }) => name === "predict echo");
  expect(Object.keys(request?.attributes ?? {}).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  expect(exporter.getFinishedSpans().filter(({ name }) => !page.includes(name.replace("echo", "clothing")))).toEqual(
    [],
  );
});

test("docs/tracing.md lists every variable that is read, and the defaults", () => {
  const source = readFileSync(new URL("../../src/observability/tracing-options.ts", import.meta.url), "utf8");
  const read = new Set([...source.matchAll(/"((?:OTEL|TRACE)_[A-Z_]+)"/g)].map(([, name = ""]) => name));
  expect([...read].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  const defaults = resolveTracingOptions({ OTEL_TRACES_EXPORTER: "otlp" });
  expect(defaults).toMatchObject({
    serviceName: "kserve-transformer",
    protocol: "grpc",
    sampler: "parentbased_always_on",
    samplerRatio: 1,
    responseHeader: "traceparent",
  });
});
