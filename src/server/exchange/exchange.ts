import { InferenceError } from "../../errors.ts";
import type { WireMessage } from "../../inference/content.ts";
import { InferRequest } from "../../inference/infer-request.ts";
import { TensorValues } from "../../inference/row-and-tensor-values.ts";
import { untilAborted } from "../../policy/deadline.ts";
import { assertResponseHeaders, sendableHeaders } from "../../policy/response-headers.ts";
import { ExchangeContext, type IncomingRequest } from "../../transformer/exchange-context.ts";
import type { Model } from "../../transformer/model.ts";
import type { Transformer } from "../../transformer/transformer.ts";
import { type HttpResponse, isStream, toChunks } from "../http/http-message.ts";
import type { ModelServer } from "../model-server.ts";
import { Accounting } from "./accounting.ts";

/** A request that came in, whatever front received it; its body is decompressed and out of its event. */
export interface Incoming extends IncomingRequest {
  readonly message: WireMessage;
}

/** What one kind of request does inside an exchange: tensors (V1, V2, gRPC) and completions are the two. */
export interface ExchangeStrategy<Context extends ExchangeContext = ExchangeContext> {
  /** Wire form of the client, as metrics and logs call it. */
  readonly protocol: string;
  /** @throws InferenceError invalid_argument for a body that cannot be read. */
  createContext(server: ModelServer, model: Model, incoming: Incoming, transformer: Transformer<unknown>): Context;
  /** From the client's request to its response. */
  respond(exchange: RunningExchange<Context>): Promise<HttpResponse>;
}

export interface RunningExchange<Context extends ExchangeContext = ExchangeContext> {
  readonly server: ModelServer;
  readonly incoming: Incoming;
  readonly model: Model;
  readonly transformer: Transformer<unknown>;
  readonly context: Context;
  /** Tells of a failure after the head of a streamed response is out. */
  readonly fail: (error: InferenceError) => void;
}

/** What goes out: a response, or the error in its place, and the headers that hooks and listeners set. */
export interface Outgoing {
  readonly response?: HttpResponse;
  readonly error?: InferenceError;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * One request: admission, deadline, the strategy's work, accounting, payload log. Every front joins here: V1, V2, gRPC,
 * CloudEvents, generate and OpenAI's routes; so a guard that stands here holds for all of them.
 *
 * A hook that never ends is left behind at the deadline, and its place is free again.
 * @throws InferenceError not_found or unavailable for a model that is not there; everything later is an outgoing error,
 *   which the front logs.
 */
export async function runExchange<Context extends ExchangeContext>(
  server: ModelServer,
  incoming: Incoming,
  strategy: ExchangeStrategy<Context>,
): Promise<Outgoing> {
  const model = server.registry.find(incoming.modelName);
  const transformer = await model.whenReady();
  const { context, respond } = begin(server, model, incoming, transformer, strategy);
  const accounting = new Accounting(server, context, incoming.message);
  accounting.atEnd(model.enter(transformer));
  const fail = (error: InferenceError): void => accounting.fail(error);
  try {
    if (typeof respond !== "function") throw respond.refusal;
    await enter(server, context, accounting);
    const response = await untilAborted(respond(fail), context.signal);
    assertResponseHeaders(context.responseHeaders, context.protocol);
    server.listeners?.responseStarting?.(context);
    return { response: accounting.follow(response), headers: headersOf(context) };
  } catch (thrown) {
    const error = sendableError(thrown, context.protocol);
    server.listeners?.responseStarting?.(context);
    accounting.end({ error });
    return { error, headers: sendableHeaders(headersOf(context), context.protocol) };
  }
}

interface Begun {
  readonly context: ExchangeContext;
  readonly respond: ((fail: RunningExchange["fail"]) => Promise<HttpResponse>) | { readonly refusal: unknown };
}

/** The strategy's work on a context of its own. A body that cannot be read has one, too, so that it is counted and logged. */
function begin<Context extends ExchangeContext>(
  server: ModelServer,
  model: Model,
  incoming: Incoming,
  transformer: Transformer<unknown>,
  strategy: ExchangeStrategy<Context>,
): Begun {
  try {
    const context = strategy.createContext(server, model, incoming, transformer);
    const respond: Begun["respond"] = (fail) =>
      strategy.respond({ server, incoming, model, transformer, context, fail });
    return { context, respond };
  } catch (refusal) {
    const content = { parameters: {}, members: {}, values: new TensorValues([], "input") };
    const request = new InferRequest({ modelName: model.name, modelVersion: incoming.modelVersion, content });
    const { protocol } = strategy;
    const context = new ExchangeContext(server.environment, incoming, { request, protocol, client: model.client });
    return { context, respond: { refusal } };
  }
}

/** Waits for a place; the accounting gives it back when the exchange is over. */
async function enter(
  { admission, listeners }: ModelServer,
  context: ExchangeContext,
  accounting: Accounting,
): Promise<void> {
  if (!admission.isBounded) return;
  const waits = admission.isFull;
  if (waits) listeners?.queueChanged?.(context, 1);
  try {
    await admission.enter(() => context.signal);
  } finally {
    if (waits) listeners?.queueChanged?.(context, -1);
  }
  accounting.atEnd(() => admission.leave());
}

function headersOf({ responseHeaders, requestId }: ExchangeContext): Record<string, string> {
  return { ...responseHeaders, "x-request-id": requestId };
}

/** What was thrown as an error; one whose own headers cannot be sent is the author's fault. */
function sendableError(thrown: unknown, protocol: string): InferenceError {
  const error = InferenceError.from(thrown);
  try {
    assertResponseHeaders(error.headers, protocol);
    return error;
  } catch (fault) {
    return new InferenceError((fault as Error).message, { cause: error });
  }
}

/** The chunks of a body that is no stream. */
export function chunksOf({ body }: HttpResponse): readonly Uint8Array[] {
  if (isStream(body)) throw new InferenceError("internal error", { cause: new TypeError("expected a whole body") });
  return toChunks(body);
}

/** The error of an exchange; what hooks and listeners set goes out with it as well. */
export function failureOf({ error = new InferenceError("internal error"), headers }: Outgoing): InferenceError {
  const { message, code, status, body, cause } = error;
  return new InferenceError(message, { code, status, headers: { ...headers, ...error.headers }, body, cause });
}
