import type { SpanExporter, BasicTracerProvider as TracerProvider } from "@opentelemetry/sdk-trace-base";
import { importPeer } from "../import-peer.ts";
import type { TracingOptions } from "./tracing-options.ts";

/** The parts of the OpenTelemetry SDK that tracing uses. */
export interface OpenTelemetry {
  readonly api: typeof import("@opentelemetry/api");
  readonly propagator: import("@opentelemetry/api").TextMapPropagator;
  createProvider(options: TracingOptions, exporter?: SpanExporter): TracerProvider;
}

/** @throws InferenceError unimplemented with the install command, when a package is missing. */
export async function loadOpenTelemetry(protocol: TracingOptions["protocol"]): Promise<OpenTelemetry> {
  const exporterPackage =
    protocol === "grpc" ? "@opentelemetry/exporter-trace-otlp-grpc" : "@opentelemetry/exporter-trace-otlp-proto";
  const packages = `@opentelemetry/api @opentelemetry/core @opentelemetry/resources @opentelemetry/sdk-trace-base ${exporterPackage}`;
  const load = <Module>(name: string): Promise<Module> =>
    importPeer(name, `traces need OpenTelemetry's SDK: npm install ${packages}`);
  const [api, sdk, core, resources, otlp] = await Promise.all([
    load<typeof import("@opentelemetry/api")>("@opentelemetry/api"),
    load<typeof import("@opentelemetry/sdk-trace-base")>("@opentelemetry/sdk-trace-base"),
    load<typeof import("@opentelemetry/core")>("@opentelemetry/core"),
    load<typeof import("@opentelemetry/resources")>("@opentelemetry/resources"),
    // The two exporters are made alike.
    load<typeof import("@opentelemetry/exporter-trace-otlp-proto")>(exporterPackage),
  ]);
  const propagators = [new core.W3CTraceContextPropagator(), new core.W3CBaggagePropagator()];
  const propagator = new core.CompositePropagator({ propagators });
  const createExporter = ({ exporter, endpoint }: TracingOptions): SpanExporter =>
    exporter === "console"
      ? new sdk.ConsoleSpanExporter()
      : new otlp.OTLPTraceExporter(endpoint === undefined ? {} : { url: tracesUrl(endpoint, protocol) });
  const createProvider: OpenTelemetry["createProvider"] = (options, exporter) =>
    new sdk.BasicTracerProvider({
      resource: resources.resourceFromAttributes({ ...options.resource, "service.name": options.serviceName }),
      sampler: createSampler(sdk, options),
      spanProcessors: [new sdk.BatchSpanProcessor(exporter ?? createExporter(options))],
    });
  return { api, propagator, createProvider };
}

/** OTLP over HTTP has its own path below the endpoint; gRPC has none. */
function tracesUrl(endpoint: string, protocol: TracingOptions["protocol"]): string {
  if (protocol === "grpc" || endpoint.endsWith("/v1/traces")) return endpoint;
  return `${endpoint.replace(/\/$/, "")}/v1/traces`;
}

function createSampler(sdk: typeof import("@opentelemetry/sdk-trace-base"), options: TracingOptions) {
  const root = options.sampler.endsWith("always_on")
    ? new sdk.AlwaysOnSampler()
    : options.sampler.endsWith("always_off")
      ? new sdk.AlwaysOffSampler()
      : new sdk.TraceIdRatioBasedSampler(options.samplerRatio);
  return options.sampler.startsWith("parentbased") ? new sdk.ParentBasedSampler({ root }) : root;
}
