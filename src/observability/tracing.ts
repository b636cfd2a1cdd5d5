import type { Context, Span } from "@opentelemetry/api";
import type { SpanExporter } from "@opentelemetry/sdk-trace-base";
import { InferenceError } from "../errors.ts";
import type { Exchange, ExchangeListener, StageName } from "../inference/exchange-listener.ts";
import { errorKind } from "./error-kind.ts";
import { loadOpenTelemetry, type OpenTelemetry } from "./load-opentelemetry.ts";
import type { TracingOptions } from "./tracing-options.ts";

/** A listener that records spans, and what ends it. */
export interface Tracing extends ExchangeListener {
  /** Sends what is waiting, and stops. */
  close(): Promise<void>;
}

interface Trace {
  readonly span: Span;
  readonly context: Context;
  readonly stages: Map<StageName, { readonly span: Span; readonly context: Context }>;
}

/**
 * OpenTelemetry spans: one for each request, one for each of its stages, the predictor's call continued by `traceparent`.
 * The SDK is an optional peer, loaded here.
 * @throws InferenceError with the install command where the SDK is missing, invalid_argument for an unknown exporter or sampler.
 */
export async function createTracing(options: TracingOptions, exporter?: SpanExporter): Promise<Tracing> {
  const otel = await loadOpenTelemetry(options.protocol);
  const provider = otel.createProvider(options, exporter);
  return new OtelTracing(otel, provider, options);
}

class OtelTracing implements Tracing {
  readonly #otel: OpenTelemetry;
  readonly #provider: ReturnType<OpenTelemetry["createProvider"]>;
  readonly #tracer: ReturnType<ReturnType<OpenTelemetry["createProvider"]>["getTracer"]>;
  readonly #options: TracingOptions;
  readonly #traces = new WeakMap<Exchange, Trace>();

  constructor(otel: OpenTelemetry, provider: ReturnType<OpenTelemetry["createProvider"]>, options: TracingOptions) {
    this.#otel = otel;
    this.#provider = provider;
    this.#tracer = provider.getTracer("kserve-transformer");
    this.#options = options;
  }

  requestStarted(exchange: Exchange): void {
    const { api, propagator } = this.#otel;
    const parent = propagator.extract(api.ROOT_CONTEXT, exchange.requestHeaders, api.defaultTextMapGetter);
    const attributes = {
      "kserve.model_name": exchange.modelName,
      "kserve.protocol": exchange.protocol,
      "kserve.request_id": exchange.requestId,
    };
    const name = `${exchange.verb} ${exchange.modelName}`;
    const span = this.#tracer.startSpan(name, { kind: api.SpanKind.SERVER, attributes }, parent);
    this.#traces.set(exchange, { span, context: api.trace.setSpan(parent, span), stages: new Map() });
  }

  stageStarted(exchange: Exchange, stage: StageName): void {
    const trace = this.#traces.get(exchange);
    if (trace === undefined) return;
    const { api } = this.#otel;
    const kind = stage === "predict" || stage === "explain" ? api.SpanKind.CLIENT : api.SpanKind.INTERNAL;
    const span = this.#tracer.startSpan(stage, { kind }, trace.context);
    trace.stages.set(stage, { span, context: api.trace.setSpan(trace.context, span) });
  }

  stageEnded(exchange: Exchange, stage: StageName, _milliseconds: number, error?: unknown): void {
    const { stages } = this.#traces.get(exchange) ?? {};
    const span = stages?.get(stage)?.span;
    if (span === undefined) return;
    if (error !== undefined) this.#markFailed(span, error);
    span.end();
    stages?.delete(stage);
  }

  predictorHeaders(exchange: Exchange, headers: Record<string, string>): void {
    const trace = this.#traces.get(exchange);
    if (trace === undefined) return;
    const { api, propagator } = this.#otel;
    const context = (trace.stages.get("predict") ?? trace.stages.get("explain") ?? trace).context;
    propagator.inject(context, headers, api.defaultTextMapSetter);
  }

  responseStarting(exchange: Exchange): void {
    const trace = this.#traces.get(exchange);
    if (trace === undefined) return;
    const { api, propagator } = this.#otel;
    const carrier: Record<string, string> = {};
    propagator.inject(trace.context, carrier, api.defaultTextMapSetter);
    const { traceparent, tracestate } = carrier;
    if (traceparent !== undefined) exchange.responseHeaders[this.#options.responseHeader] = traceparent;
    if (tracestate !== undefined) exchange.responseHeaders[this.#options.responseStateHeader] = tracestate;
  }

  requestEnded(exchange: Exchange, { status, error }: { readonly status: number; readonly error?: unknown }): void {
    const trace = this.#traces.get(exchange);
    if (trace === undefined) return;
    trace.span.setAttribute("http.response.status_code", status);
    if (error !== undefined && status >= 500) this.#markFailed(trace.span, error);
    trace.span.end();
    this.#traces.delete(exchange);
  }

  logBindings(exchange: Exchange): Record<string, string> {
    const { traceId, spanId } = this.#traces.get(exchange)?.span.spanContext() ?? {};
    return traceId === undefined || spanId === undefined ? {} : { trace_id: traceId, span_id: spanId };
  }

  async close(): Promise<void> {
    await this.#provider.shutdown();
  }

  /** The kind and the client's message; causes stay in the log. */
  #markFailed(span: Span, error: unknown): void {
    const message = InferenceError.isInstance(error) ? error.message : "internal error";
    span.setAttribute("error.type", errorKind(error));
    span.setStatus({ code: this.#otel.api.SpanStatusCode.ERROR, message });
  }
}
