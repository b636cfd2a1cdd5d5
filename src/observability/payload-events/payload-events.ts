import { randomUUID } from "node:crypto";
import { joinMessage, messageLength, type WireMessage } from "../../inference/content.ts";
import type { Exchange, ExchangeListener } from "../../inference/exchange-listener.ts";
import type { Logger } from "../../inference/request-context.ts";
import { Turns } from "../../turns.ts";
import { type EventOutcome, EventQueue } from "./event-queue.ts";
import { redactBody } from "./redact-body.ts";

export interface PayloadEventsOptions {
  /** Where events go, by POST. */
  readonly url: URL;
  /** Which of both are sent. @default "all" */
  readonly mode?: "all" | "request" | "response" | undefined;
  /** Share of requests, 0 to 1. @default 1 */
  readonly sample?: number | undefined;
  /** Members of JSON bodies, and V2 tensors, whose values do not leave the process. @default none */
  readonly redacted?: ReadonlySet<string> | undefined;
  /** Request headers that the attribute `metadata` of a request's event holds, in lower case. @default none */
  readonly headers?: readonly string[] | undefined;
  /** What the attribute `annotations` of every event holds. @default none */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly service: { readonly name?: string | undefined; readonly namespace?: string | undefined };
  readonly log: Logger;
  /** Events that may wait. @default 1000 */
  readonly maxEvents?: number | undefined;
  readonly onEnd?: ((outcome: EventOutcome) => void) | undefined;
  /** @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** A listener that sends the bodies of requests, and what it has not sent yet. */
export interface PayloadEvents extends ExchangeListener {
  /** Sends what waits, at most `timeoutMs` long. */
  close(timeoutMs?: number): Promise<void>;
}

interface PayloadEvent {
  readonly kind: "request" | "response";
  readonly id: string;
  readonly exchange: Exchange;
  readonly message: WireMessage;
  readonly time: string;
}

const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
const SEND_TIMEOUT_MS = 5000;
const CLOSE_TIMEOUT_MS = 10_000;
/** A collector that is away is told of once in this time. */
const WARNING_MS = 60_000;

/**
 * KServe's payload log: the body of each request and of each response that succeeded as a CloudEvent, in binary mode, of the
 * types and with the attributes of KServe's logger. Nothing of it delays or fails a request.
 */
export function createPayloadEvents(options: PayloadEventsOptions): PayloadEvents {
  const { mode = "all", sample = 1, maxEvents = 1000, log, onEnd, random = Math.random } = options;
  // Now, as compiling it takes 100 ms, and not with the first request; whoever logs no payloads does not pay for it.
  loadUndici().catch(() => undefined);
  let warnedAt = Number.NEGATIVE_INFINITY;
  const queue = new EventQueue<PayloadEvent>({
    maxEvents,
    maxBytes: MAX_QUEUED_BYTES,
    send: (event, signal) => send(event, options, signal),
    onEnd: (outcome, error) => {
      onEnd?.(outcome);
      if (outcome === "sent" || performance.now() - warnedAt < WARNING_MS) return;
      warnedAt = performance.now();
      log.warn({ ...(error === undefined ? {} : { err: error }) }, `payload events are lost: ${outcome}`);
    },
  });
  return {
    payload: (exchange, request, response, status) => {
      if (random() >= sample) return;
      const given = exchange.requestHeaders["ce-id"];
      const id = typeof given === "string" && given !== "" ? given : exchange.requestId || randomUUID();
      const time = new Date().toISOString();
      const messages = [
        ...(mode === "response" ? [] : [{ kind: "request", message: request } as const]),
        ...(mode === "request" || response === undefined || status !== 200
          ? []
          : [{ kind: "response", message: response } as const]),
      ];
      for (const each of messages) queue.add({ ...each, id, exchange, time }, messageLength(each.message));
    },
    close: (timeoutMs = CLOSE_TIMEOUT_MS) => queue.close(timeoutMs),
  };
}

const loadUndici = () => import("undici");

async function send(event: PayloadEvent, options: PayloadEventsOptions, signal: AbortSignal): Promise<void> {
  const { body, attributes } = await encode(event, options, new Turns(signal));
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "datacontenttype") headers["content-type"] = value;
    else headers[`ce-${name}`] = encodeAttribute(value);
  }
  const bound = AbortSignal.any([signal, AbortSignal.timeout(SEND_TIMEOUT_MS)]);
  const undici = await loadUndici();
  const response = await undici.request(options.url, { method: "POST", headers, body, signal: bound });
  await response.body.dump();
  if (response.statusCode >= 300) throw new Error(`the collector answered ${response.statusCode}`);
}

/** Attributes of the logger of KServe 0.20 (pkg/logger), and beside them what a reader of the body needs. */
async function encode(
  { kind, id, exchange, message, time }: PayloadEvent,
  { service, redacted = new Set(), headers = [], annotations = {} }: PayloadEventsOptions,
  turns: Turns,
): Promise<{ readonly body: Buffer; readonly attributes: Readonly<Record<string, string>> }> {
  const { protocol, modelName, requestHeaders } = exchange;
  const contentType =
    message.headers["content-type"] ?? (protocol === "grpc-v2" ? "application/protobuf" : "application/json");
  const isPlain = redacted.size === 0;
  const body = isPlain ? await turns.finish(joinMessage(message)) : redactBody(message, contentType, redacted);
  const { "inference-header-content-length": headLength } = message.headers;
  const { traceparent } = requestHeaders;
  return {
    body,
    attributes: {
      specversion: "1.0",
      id,
      type: `org.kubeflow.serving.inference.${kind}`,
      source: `io.kserve.inference.${modelName}`,
      time,
      datacontenttype: isPlain ? contentType : "application/json",
      inferenceservicename: service.name ?? modelName,
      ...(service.namespace === undefined ? {} : { namespace: service.namespace }),
      component: "transformer",
      endpoint: "default",
      modelname: modelName,
      protocol,
      ...(isPlain && headLength !== undefined ? { inferenceheadercontentlength: headLength } : {}),
      ...(typeof traceparent === "string" ? { traceparent } : {}),
      ...(kind === "request" && headers.length > 0
        ? { metadata: JSON.stringify(chosenHeaders(requestHeaders, headers)) }
        : {}),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations: JSON.stringify(annotations) }),
    },
  };
}

/** As KServe's logger writes them: a list of values under the canonical name. */
function chosenHeaders(headers: Exchange["requestHeaders"], names: readonly string[]): Record<string, string[]> {
  const chosen: Record<string, string[]> = {};
  for (const name of names) {
    const value = headers[name];
    if (value === undefined) continue;
    const canonical = name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
    chosen[canonical] = typeof value === "string" ? [value] : [...value];
  }
  return chosen;
}

/** HTTP binding of CloudEvents, §3.1.3.2. */
function encodeAttribute(value: string): string {
  return value
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .replace(/[^\x21\x23\x24\x26-\x7e]/gu, (character) => encodeURIComponent(character));
}
