import type { CloudEvent } from "../../envelope/cloudevents/cloud-event.ts";
import { decodeEvent, isCloudEvent } from "../../envelope/cloudevents/decode.ts";
import { encodeEvent } from "../../envelope/cloudevents/encode.ts";
import { InferenceError } from "../../errors.ts";
import type { WireMessage } from "../../inference/content.ts";
import { decodeBody } from "../../protocol/body-encoding.ts";
import { selectCodec } from "../../protocol/select-codec.ts";
import { runExchange } from "../exchange.ts";
import type { ModelServer } from "../model-server.ts";
import { errorResponse } from "./error-response.ts";
import type { HttpRequest, HttpResponse } from "./http-message.ts";
import type { Route } from "./routes.ts";

type InferRoute = Extract<Route, { readonly kind: "infer" }>;

/** One inference request over HTTP: out of its encoding and its event, through the exchange, and back into the event. */
export async function handleInfer(
  server: ModelServer,
  route: InferRoute,
  request: HttpRequest,
  requestId: string,
): Promise<HttpResponse> {
  if (route.protocol === "v2" && route.verb === "explain") await assertExplain(server, route.model);
  const { message, event } = await receive(server, request);
  const outgoing = await runExchange(server, {
    codec: selectCodec(route.protocol),
    modelName: route.model,
    modelVersion: route.version,
    verb: route.verb,
    message,
    headers: request.headers,
    requestId,
    get signal() {
      return request.signal;
    },
  });
  if (outgoing.message === undefined) {
    const response = errorResponse(outgoing.error, requestId, server.options.log);
    return { ...response, headers: { ...outgoing.headers, ...response.headers } };
  }
  const { headers, body } =
    event === undefined
      ? outgoing.message
      : encodeEvent(outgoing.message, event, route.model, server.options.cloudEvents);
  return { status: 200, headers: { ...headers, ...outgoing.headers }, body };
}

/** V2 has no explain of its own, so there is nothing to forward to. */
async function assertExplain(server: ModelServer, modelName: string): Promise<void> {
  const transformer = await server.registry.find(modelName).whenReady();
  if (transformer.explain === undefined) {
    throw new InferenceError("explain over V2 needs an explain hook", { code: "unimplemented" });
  }
}

async function receive(
  server: ModelServer,
  { headers, body, signal }: HttpRequest,
): Promise<{ readonly message: WireMessage; readonly event?: CloudEvent }> {
  const { limits } = server.options;
  const encoding = headers["content-encoding"];
  const decoded = encoding === undefined ? body : await decodeBody(body, encoding, limits.maxBodyBytes, signal);
  if (!isCloudEvent(headers)) return { message: { headers: wireHeaders(headers), body: decoded } };
  const { event, message } = decodeEvent({ headers, body: decoded }, limits.maxJsonDepth);
  return { event, message: { headers: wireHeaders(message.headers), body: message.body } };
}

/** The headers that say how to read a body. */
export function wireHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  const kept: Record<string, string> = {};
  const type = headers["content-type"];
  if (typeof type === "string") kept["content-type"] = type;
  const length = headers["inference-header-content-length"];
  if (typeof length === "string") kept["inference-header-content-length"] = length;
  return kept;
}
