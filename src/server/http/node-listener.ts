import type { IncomingMessage, ServerResponse } from "node:http";
import { InferenceError } from "../../errors.ts";
import type { OnLeave } from "../../policy/deadline.ts";
import type { ModelServer } from "../model-server.ts";
import { requestIdOf } from "../request-id.ts";
import { assertFraming } from "./assert-framing.ts";
import { compressResponse } from "./compress-response.ts";
import { applyCors } from "./cors.ts";
import { authenticate, handleTrusted } from "./data-plane.ts";
import { errorResponse } from "./error-response.ts";
import type { HttpRequest } from "./http-message.ts";
import { readBody } from "./receive-message.ts";
import { matchRoute, type Route } from "./routes.ts";
import { findPassThrough } from "./unread/pass-through.ts";
import { writeResponse } from "./write-response.ts";

export type NodeListener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/** The edge: node:http's request → plain values → the data plane → node:http's response. */
export function createNodeListener(server: ModelServer, otherwise: NodeListener): NodeListener {
  const { limits, log, openaiRoutePrefix, corsOrigins, compressResponses } = server.options;
  const respond = async (route: Route, request: HttpRequest, outgoing: ServerResponse): Promise<void> => {
    const response = await handleTrusted(server, route, request);
    const accepted = request.headers["accept-encoding"];
    await writeResponse(outgoing, compressResponses ? await compressResponse(accepted, response) : response, false);
  };
  return (incoming, outgoing) => {
    const { path, query } = splitTarget(incoming.url ?? "/");
    let route: Route | undefined;
    try {
      assertFraming(incoming);
      if (corsOrigins.length > 0 && applyCors(corsOrigins, incoming, outgoing)) return;
      route = matchRoute(path, openaiRoutePrefix);
    } catch (error) {
      void writeResponse(outgoing, errorResponse(error, requestIdOf(incoming.headers), log), true);
      return;
    }
    // The body of other paths is left unread for whoever handles them.
    if (route === undefined) return otherwise(incoming, outgoing);
    const found = route;
    const passThrough = found.kind === "infer" ? findPassThrough(server, found, incoming) : undefined;
    const receive = (): void => {
      if (passThrough?.startStreamed(incoming, outgoing)) return;
      readBody(incoming, limits.maxBodyBytes, (error, body) => {
        if (error !== undefined) {
          void writeResponse(outgoing, errorResponse(error, requestIdOf(incoming.headers), log), true);
        } else if (passThrough?.accepts(body)) {
          passThrough.start(body, outgoing);
        } else {
          void respond(found, new NodeRequest(incoming, outgoing, path, query, body), outgoing);
        }
      });
    };
    if (server.authenticator === undefined) return receive();
    // Before the body: who may not ask takes no memory, and node drops what still comes.
    authenticate(server, found, incoming.headers).then(receive, (error) => {
      void writeResponse(outgoing, errorResponse(error, requestIdOf(incoming.headers), log), false);
    });
  };
}

/** Path and query of a target, which is in the absolute form where a proxy sent it (RFC 9112 §3.2.2). */
export function splitTarget(url: string): { readonly path: string; readonly query: string } {
  const target = url.startsWith("/") ? url : url.replace(/^https?:\/\/[^/?]*/i, "");
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  return { path: path === "" ? "/" : path, query: mark < 0 ? "" : target.slice(mark + 1) };
}

/** node:http's request as plain values; what costs something is made when first read. */
export class NodeRequest implements HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly Uint8Array[];
  readonly #outgoing: ServerResponse;
  #signal: AbortSignal | undefined;

  constructor(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    path: string,
    query: string,
    body: readonly Uint8Array[],
  ) {
    this.method = incoming.method ?? "GET";
    this.path = path;
    this.query = query;
    // node joins repeated headers by ", " except set-cookie, which no client sends.
    this.headers = incoming.headers as Record<string, string>;
    this.body = body;
    this.#outgoing = outgoing;
  }

  get signal(): AbortSignal {
    this.#signal ??= signalOf(this.onLeave);
    return this.#signal;
  }

  /** A client has left when its connection closes before the response was written whole. */
  readonly onLeave: OnLeave = (listener) => {
    const outgoing = this.#outgoing;
    const leave = (): void => listener(new InferenceError("the client left", { code: "cancelled" }));
    if (outgoing.destroyed) {
      leave();
      return;
    }
    outgoing.once("close", () => {
      if (!outgoing.writableFinished) leave();
    });
  };
}

function signalOf(onLeave: OnLeave): AbortSignal {
  const controller = new AbortController();
  onLeave((reason) => controller.abort(reason));
  return controller.signal;
}
