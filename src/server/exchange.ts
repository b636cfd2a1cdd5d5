import { InferenceError } from "../errors.ts";
import type { WireMessage } from "../inference/content.ts";
import type { InferRequest } from "../inference/infer-request.ts";
import type { InferResponse } from "../inference/infer-response.ts";
import type { Verb } from "../inference/inference-client.ts";
import { composeDeadline } from "../policy/deadline.ts";
import { selectForwardHeaders } from "../policy/forward-headers.ts";
import type { Codec } from "../protocol/codec.ts";
import { ExchangeContext } from "../transformer/exchange-context.ts";
import type { Model } from "../transformer/model.ts";
import { type PipelineResult, runPipeline, runStage } from "../transformer/pipeline.ts";
import type { Transformer } from "../transformer/transformer.ts";
import { byteLength, startAccounting } from "./exchange-accounting.ts";
import type { ModelServer } from "./model-server.ts";

/** A request that came in, whatever front received it. */
export interface Incoming {
  readonly codec: Codec;
  readonly modelName: string;
  readonly modelVersion: string | undefined;
  readonly verb: Verb;
  /** Decompressed, out of its event. */
  readonly message: WireMessage;
  readonly headers: Readonly<Record<string, string>>;
  readonly requestId: string;
  /** Aborted when the client leaves; read only where somebody waits on it. */
  readonly signal: AbortSignal;
}

/** What goes out: a message, or the error in its place, and the headers that hooks and listeners set. */
export interface Outgoing {
  readonly message?: WireMessage;
  readonly error?: InferenceError;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * One request: decode → pipeline → encode. Every front joins here.
 * @throws InferenceError not_found or unavailable for a model that is not there; everything later is an outgoing error,
 *   which the front logs.
 */
export async function runExchange(server: ModelServer, incoming: Incoming): Promise<Outgoing> {
  const model = server.registry.find(incoming.modelName);
  const transformer = await model.whenReady();
  const context = createContext(server, model, incoming);
  const accounting = startAccounting(server, context, incoming.message.body);
  const outgoing: Pick<Outgoing, "message" | "error"> = await admit(server, context, () =>
    answer(server, incoming, transformer, context),
  ).then(
    (message) => ({ message }),
    (thrown) => ({ error: InferenceError.from(thrown) }),
  );
  server.listeners?.payload?.(context, incoming.message, outgoing.message);
  server.listeners?.responseStarting?.(context);
  accounting.end(outgoing.error?.status ?? 200, byteLength(outgoing.message?.body ?? []), outgoing.error);
  return { ...outgoing, headers: { ...context.responseHeaders, "x-request-id": incoming.requestId } };
}

/** Waits for a place, runs, and gives the place back. */
async function admit<T>(
  { admission, listeners }: ModelServer,
  context: ExchangeContext,
  run: () => Promise<T>,
): Promise<T> {
  const waits = admission.isFull;
  if (waits) listeners?.queueChanged?.(context, 1);
  try {
    await admission.enter(() => context.signal);
  } finally {
    if (waits) listeners?.queueChanged?.(context, -1);
  }
  try {
    return await run();
  } finally {
    admission.leave();
  }
}

function createContext(server: ModelServer, model: Model, incoming: Incoming): ExchangeContext {
  const { options } = server;
  const { codec, headers, requestId } = incoming;
  const request = codec.decodeRequest(incoming.message, {
    modelName: model.name,
    modelVersion: incoming.modelVersion,
    limits: options.limits,
    inputs: model.transformer.inputs,
    chaining: options.chaining,
  });
  return new ExchangeContext({
    request,
    verb: incoming.verb,
    protocol: codec.wire,
    requestId,
    requestHeaders: headers,
    responseHeaders: {},
    deadline: () => composeDeadline(incoming.signal, headers, options.requestTimeoutMs),
    log: options.log,
    fetch: options.fetch,
    slots: server.slots,
    predictor: model.client,
    predictorHeaders: { ...selectForwardHeaders(headers, options.forwardHeaders), "x-request-id": requestId },
    listeners: server.listeners,
  });
}

async function answer(
  { options }: ModelServer,
  { codec }: Incoming,
  transformer: Transformer<unknown>,
  context: ExchangeContext,
): Promise<WireMessage> {
  const { request } = context;
  if (options.checkRequests) assertReadable(request);
  const result = await runPipeline(transformer, context);
  if (options.checkRows) assertRowCount(request, result.response);
  return runStage(context, "encode", () => encodeAnswer(codec, request, result, transformer));
}

/** The answer's bytes as they came where the client may have them so, else encoded anew in the client's form. */
function encodeAnswer(
  codec: Codec,
  request: InferRequest,
  { response, direct }: PipelineResult,
  transformer: Transformer<unknown>,
): WireMessage {
  const { source } = response;
  // A V2 answer carries the request's id, so only the predictor's own answer to this request may go out unread.
  const own = direct || codec.wire === "v1";
  if (source !== undefined && source.wire === codec.wire && own && codec.mayForwardResponse(source.message, request)) {
    const hookedAfter = transformer.postprocess !== undefined;
    const filtered = hookedAfter && codec.wire !== "v1" && request.requestedOutputs !== undefined;
    if (!filtered) return codec.replaceModelName(source.message, request.modelName);
  }
  return codec.encodeResponse(response, { request, outputs: transformer.outputs });
}

/** Reads everything, so that no predictor has to judge the body (`--check_requests`). */
function assertReadable({ values }: InferRequest): void {
  if (values.native === "rows") values.rows();
  else for (const tensor of values.tensors()) void tensor.data;
}

/** KServe's batcher splits an answer by the rows it merged, so a miscount would hand answers to the wrong client. */
function assertRowCount(request: InferRequest, response: InferResponse): void {
  const sent = request.values.rows().length;
  const given = response.values.rows().length;
  if (sent !== given) {
    throw new InferenceError(`the answer has ${given} rows for ${sent} instances`, { code: "internal" });
  }
}
