import type { WireMessage } from "../inference/content.ts";
import type {
  Exchange,
  ExchangeListener,
  ExchangeOutcome,
  Observation,
  StageName,
} from "../inference/exchange-listener.ts";
import type { PredictorMessage } from "../inference/inference-client.ts";
import type { PredictorCallTrace, RunSummary, RunTrace, TraceStage } from "./trace.ts";
import { traceBytes, traceContent } from "./trace-content.ts";
import { traceError } from "./trace-error.ts";

export interface TraceStoreOptions {
  /** Runs that are kept; the oldest goes first. @default 50 */
  readonly maxRuns?: number;
  /** Bytes of the bodies and tensors that are kept together; the newest run always is. @default 128 MiB */
  readonly maxBytes?: number;
  /** Tell where a hook threw, with lines of its code: for development only. @default false */
  readonly sources?: boolean;
}

/** The last runs of a server, recorded by one listener. */
export interface TraceStore {
  readonly listener: ExchangeListener;
  list(): RunSummary[];
  get(id: string): RunTrace | undefined;
}

/** One run as it was recorded; the trace is made of it when somebody looks. */
interface Recording {
  readonly exchange: Exchange;
  readonly startedAt: Date;
  readonly started: number;
  readonly stages: { name: StageName; startMs: number; milliseconds?: number; failed: boolean; bytes?: number }[];
  readonly values: Map<Observation["of"], Exclude<Observation, { of: "predictor" }>["value"]>;
  readonly calls: { request: PredictorMessage; response?: PredictorMessage }[];
  payload?: { readonly request: WireMessage; readonly response: WireMessage | undefined };
  outcome?: ExchangeOutcome;
  bytes: number;
}

export function createTraceStore({
  maxRuns = 50,
  maxBytes = 128 * 1024 * 1024,
  sources = false,
}: TraceStoreOptions = {}): TraceStore {
  const running = new WeakMap<Exchange, Recording>();
  const kept = new Map<string, Recording>();
  let bytes = 0;

  const drop = (id: string): void => {
    bytes -= kept.get(id)?.bytes ?? 0;
    kept.delete(id);
  };
  const keep = (recording: Recording): void => {
    const id = recording.exchange.requestId;
    drop(id);
    kept.set(id, recording);
    bytes += recording.bytes;
    for (const oldest of kept.keys()) {
      if (kept.size <= 1 || (kept.size <= maxRuns && bytes <= maxBytes)) break;
      drop(oldest);
    }
  };

  const listener: ExchangeListener = {
    requestStarted: (exchange) => {
      const started = performance.now();
      running.set(exchange, {
        exchange,
        startedAt: new Date(),
        started,
        stages: [],
        values: new Map(),
        calls: [],
        bytes: 0,
      });
    },
    stageStarted: (exchange, name) => {
      const recording = running.get(exchange);
      recording?.stages.push({ name, startMs: performance.now() - recording.started, failed: false });
    },
    stageEnded: (exchange, name, milliseconds, error) => {
      const stage = running
        .get(exchange)
        ?.stages.findLast((each) => each.name === name && each.milliseconds === undefined);
      if (stage === undefined) return;
      stage.milliseconds = milliseconds;
      stage.failed = error !== undefined;
    },
    downloaded: (exchange, length, milliseconds, error) => {
      const recording = exchange && running.get(exchange);
      if (recording === undefined) return;
      const startMs = performance.now() - recording.started - milliseconds;
      recording.stages.push({ name: "download", startMs, milliseconds, failed: error !== undefined, bytes: length });
    },
    observed: (exchange, observation) => {
      const recording = running.get(exchange);
      if (recording === undefined) return;
      if (observation.of !== "predictor") recording.values.set(observation.of, observation.value);
      else if (observation.value.direction === "request") recording.calls.push({ request: observation.value });
      else {
        const call = recording.calls.findLast(
          ({ request, response }) => !response && request.path === observation.value.path,
        );
        if (call !== undefined) call.response = observation.value;
      }
    },
    payload: (exchange, request, response) => {
      const recording = running.get(exchange);
      if (recording !== undefined) recording.payload = { request, response };
    },
    requestEnded: (exchange, outcome) => {
      const recording = running.get(exchange);
      if (recording === undefined) return;
      running.delete(exchange);
      recording.outcome = outcome;
      recording.bytes = sizeOf(recording, outcome);
      keep(recording);
    },
  };
  return {
    listener,
    list: () => [...kept.values()].reverse().map(summarize),
    get: (id) => {
      const recording = kept.get(id);
      return recording && toTrace(recording, sources);
    },
  };
}

/** What a recording holds, near enough for a bound. */
function sizeOf({ values, calls }: Recording, { requestBytes, responseBytes }: ExchangeOutcome): number {
  let bytes = requestBytes + responseBytes;
  for (const value of values.values()) {
    if (value.source !== undefined) continue;
    const { values: content } = value.content;
    if (content.native === "tensors")
      for (const { data } of content.tensors()) bytes += "byteLength" in data ? data.byteLength : data.length * 64;
  }
  for (const { request, response } of calls) {
    for (const chunk of [...request.body, ...(response?.body ?? [])]) bytes += chunk.byteLength;
  }
  return bytes;
}

function summarize({ exchange, startedAt, outcome }: Recording): RunSummary {
  const { requestId: id, modelName: model, verb, protocol } = exchange;
  const { status = 0, milliseconds = 0 } = outcome ?? {};
  return { id, model, verb, protocol, startedAt: startedAt.toISOString(), status, milliseconds };
}

function toTrace(recording: Recording, sources: boolean): RunTrace {
  const { values, payload, outcome, stages, calls } = recording;
  const content = (of: Observation["of"]) => {
    const value = values.get(of);
    return value && traceContent(value);
  };
  return defined({
    ...summarize(recording),
    stages: stages.toSorted((a, b) => a.startMs - b.startMs) as readonly TraceStage[],
    error: outcome?.error === undefined ? undefined : traceError(outcome.error, sources),
    request: traceBytes(payload?.request.body ?? [], payload?.request.headers ?? {}),
    response: payload?.response && traceBytes(payload.response.body, payload.response.headers),
    received: content("request"),
    preprocess: content("preprocess"),
    predictor: calls.map(traceCall),
    predict: content("predict") ?? content("explain"),
    postprocess: content("postprocess"),
  });
}

function traceCall({ request, response }: Recording["calls"][number]): PredictorCallTrace {
  const { protocol, path, headers, body } = request;
  const sent = { protocol, path, request: traceBytes(body, headers) };
  return response === undefined ? sent : { ...sent, response: traceBytes(response.body, response.headers) };
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without the members that are undefined. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
}
