import type { CloudEvent } from "../../envelope/cloudevents/cloud-event.ts";
import { decodeEvent, isCloudEvent } from "../../envelope/cloudevents/decode.ts";
import { encodeEvent } from "../../envelope/cloudevents/encode.ts";
import { toEventRow } from "../../envelope/cloudevents/event-row.ts";
import { decodeRawBody, isRawBody } from "../../envelope/raw-body.ts";
import { InferenceError } from "../../errors.ts";
import type { WireMessage } from "../../inference/content.ts";
import { InferRequest } from "../../inference/infer-request.ts";
import { TensorValues } from "../../inference/row-and-tensor-values.ts";
import { loneTensor } from "../../inference/rows-and-tensors.ts";
import { selectCodec } from "../../protocol/select-codec.ts";
import { Turns } from "../../turns.ts";
import { chunksOf, type ExchangeStrategy, type Outgoing, runExchange } from "../exchange/exchange.ts";
import { RefusedExchange } from "../exchange/refused-exchange.ts";
import { TensorExchange } from "../exchange/tensor-exchange.ts";
import type { ModelServer } from "../model-server.ts";
import { errorResponse } from "./error-response.ts";
import type { HttpRequest, HttpResponse } from "./http-message.ts";
import { receiveBody, toSentMessage, toWireMessage } from "./receive-message.ts";
import type { InferRoute } from "./routes.ts";

const V1 = selectCodec("v1");
const TENSORS = { v1: new TensorExchange(V1), v2: new TensorExchange(selectCodec("v2")) } as const;
/** One inference request over HTTP: out of its encoding and its event, through the exchange, and back into the event. */
export async function handleInfer(
  server: ModelServer,
  route: InferRoute,
  request: HttpRequest,
  requestId: string,
): Promise<HttpResponse> {
  const { message, event, strategy } = await receive(server, route, request);
  const outgoing = await runExchange(server, toIncoming(route, request, requestId, message), strategy);
  const { response } = outgoing;
  if (event === undefined || response === undefined) return toResponse(server, outgoing, requestId);
  const encoded = encodeEvent(
    { headers: response.headers as Record<string, string>, body: chunksOf(response) },
    event,
    route.model,
    server.options.cloudEvents,
  );
  return { status: response.status, headers: { ...encoded.headers, ...outgoing.headers }, body: encoded.body };
}

/** A request out of what it came wrapped in, and what is to be done with it. */
interface Received {
  readonly message: WireMessage;
  readonly event?: CloudEvent | undefined;
  readonly strategy: ExchangeStrategy;
}

/** What cannot be unwrapped is refused inside its exchange, so that it is counted and logged like every other request. */
async function receive(server: ModelServer, route: InferRoute, request: HttpRequest): Promise<Received> {
  const { headers } = request;
  const { protocol } = route;
  try {
    if (protocol === "v2" && route.verb === "explain") await assertExplain(server, route.model);
    const body = await receiveBody(server, request);
    const { maxJsonDepth } = server.options.limits;
    const decoded = isCloudEvent(headers)
      ? await decodeEvent({ headers, body }, maxJsonDepth, new Turns(request.signal))
      : undefined;
    const raw = decoded?.message ?? { headers, body };
    const message = toWireMessage(raw.headers, raw.body);
    const strategy = isRawBody(raw)
      ? await readRaw(server, route, raw, new Turns(request.signal))
      : decoded !== undefined && protocol === "v1"
        ? await readEvent(server, message, new Turns(request.signal))
        : TENSORS[protocol];
    return { message, event: decoded?.event, strategy };
  } catch (error) {
    return { message: toSentMessage(request), strategy: new RefusedExchange(protocol, error) };
  }
}

/** A picture or a form instead of JSON; the response has the form of the route. */
async function readRaw(
  { registry, options }: ModelServer,
  { model, protocol }: InferRoute,
  message: WireMessage,
  turns: Turns,
): Promise<TensorExchange> {
  const { inputs } = await registry.find(model).whenReady();
  const tensors = await decodeRawBody(message, options.limits, loneTensor("input", inputs).name, turns);
  return new TensorExchange(selectCodec(protocol), (_message, { modelName, modelVersion }) => {
    const values = new TensorValues(tensors, "input", false, options.limits.maxInstances);
    return new InferRequest({ modelName, modelVersion, content: { parameters: {}, members: {}, values } });
  });
}

/** The data of an event may be any object; in a graph it is a step's response, which is never taken for a row. */
async function readEvent({ options }: ModelServer, message: WireMessage, turns: Turns): Promise<TensorExchange> {
  if (options.chaining) return TENSORS.v1;
  const row = await toEventRow(message, options.limits.maxJsonDepth, turns);
  return row === message ? TENSORS.v1 : new TensorExchange(V1, (_message, given) => V1.decodeRequest(row, given));
}

function toIncoming(
  { model, version, verb }: InferRoute,
  request: HttpRequest,
  requestId: string,
  message: WireMessage,
): Parameters<typeof runExchange>[1] {
  return {
    modelName: model,
    modelVersion: version,
    verb,
    message,
    headers: request.headers,
    requestId,
    get signal() {
      return request.signal;
    },
    onLeave: request.onLeave,
  };
}

/** What an exchange made, with the headers that hooks and listeners set; its error in the form of V1 and V2. */
function toResponse(server: ModelServer, { response, error, headers }: Outgoing, requestId: string): HttpResponse {
  if (response !== undefined) return { ...response, headers: { ...response.headers, ...headers } };
  const failed = errorResponse(error, requestId, server.options.log);
  return { ...failed, headers: { ...headers, ...failed.headers } };
}

/** V2 has no explain of its own, so there is nothing to forward to. */
async function assertExplain(server: ModelServer, modelName: string): Promise<void> {
  const transformer = await server.registry.find(modelName).whenReady();
  if (transformer.explain === undefined) {
    throw new InferenceError("explain over V2 needs an explain hook", { code: "unimplemented" });
  }
}
