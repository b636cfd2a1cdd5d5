import type { IncomingMessage, ServerResponse } from "node:http";
import { isCloudEvent } from "../../../envelope/cloudevents/decode.ts";
import { isRawBody } from "../../../envelope/raw-body.ts";
import { InferenceError } from "../../../errors.ts";
import type { WireMessage } from "../../../inference/content.ts";
import type { Exchange } from "../../../inference/exchange-listener.ts";
import { parseTimeout } from "../../../policy/deadline.ts";
import { selectForwardHeaders } from "../../../policy/forward-headers.ts";
import type { Forwarder, ForwardHandle, ForwardHandler } from "../../../predictor/predictor.ts";
import { assertForwardable, createStreamCheck, type StreamCheck } from "../../../protocol/check-request.ts";
import { encodeErrorBody } from "../../../protocol/error-body.ts";
import type { Model } from "../../../transformer/model.ts";
import type { Transformer } from "../../../transformer/transformer.ts";
import type { ModelServer } from "../../model-server.ts";
import { requestIdOf } from "../../request-id.ts";
import { errorResponse } from "../error-response.ts";
import { toWireMessage } from "../receive-message.ts";
import type { InferRoute } from "../routes.ts";
import { writeResponse } from "../write-response.ts";
import { IncomingBody, WINDOW_BYTES } from "./incoming-body.ts";

/**
 * The fast way, when nobody looks at the bytes of either direction: no hook, same wire form, same model name. Undefined
 * when the request has to take the long way.
 */
export function findPassThrough(
  server: ModelServer,
  route: InferRoute,
  incoming: IncomingMessage,
): PassThrough | undefined {
  if (!server.mayPassThrough || incoming.method !== "POST") return undefined;
  const { headers } = incoming;
  if (isCloudEvent(headers)) return undefined;
  // A deadline of the client's own needs a timer, a compressed body a decoder.
  if (parseTimeout(headers) !== undefined || headers["content-encoding"] !== undefined) return undefined;
  const model = server.registry.get(route.model);
  const forwarder = model?.predictor?.forwarder;
  if (model === undefined || forwarder === undefined) return undefined;
  if (model.state !== "ready" || model.predictor?.modelName !== undefined) return undefined;
  if (forwarder.wire !== route.protocol || isHooked(model.transformer)) return undefined;
  if (route.protocol === "v2" && route.verb === "explain") return undefined;
  return new PassThrough(server, model, forwarder, route, incoming);
}

const NO_CHUNKS: readonly Uint8Array[] = [];

function isHooked(transformer: Transformer<unknown>): boolean {
  return (
    transformer.preprocess !== undefined ||
    transformer.predict !== undefined ||
    transformer.postprocess !== undefined ||
    transformer.explain !== undefined ||
    // What it declares is checked.
    transformer.inputs !== undefined
  );
}

/** One request handed on unread; the response is streamed through, a small one in a single write. */
export class PassThrough implements ForwardHandler, Exchange {
  readonly requestId: string;
  readonly modelName: string;
  readonly verb: "predict" | "explain";
  readonly protocol: string;
  readonly requestHeaders: Exchange["requestHeaders"];
  readonly responseHeaders: Record<string, string> = {};
  readonly #server: ModelServer;
  readonly #forwarder: Forwarder;
  readonly #route: InferRoute;
  readonly #started = performance.now();
  #message: WireMessage | undefined;
  #stream: IncomingBody | undefined;
  #outgoing: ServerResponse | undefined;
  #handle: ForwardHandle | undefined;
  #status = 0;
  #headers: Record<string, string | string[]> = {};
  /** The first chunk waits for the second or the end, so that small responses are one write. */
  #held: Uint8Array | undefined;
  #requestBytes = 0;
  #responseBytes = 0;
  #ended = false;

  constructor(server: ModelServer, model: Model, forwarder: Forwarder, route: InferRoute, incoming: IncomingMessage) {
    this.#server = server;
    this.#forwarder = forwarder;
    this.#route = route;
    this.requestId = requestIdOf(incoming.headers);
    this.modelName = model.name;
    this.verb = route.verb;
    this.protocol = route.protocol;
    this.requestHeaders = incoming.headers;
  }

  /** True when the predictor takes these bytes as they are. */
  accepts(body: readonly Uint8Array[]): boolean {
    this.#message = toWireMessage(this.requestHeaders, body);
    return !isRawBody(this.#message) && this.#forwarder.accepts(this.#message);
  }

  start(body: readonly Uint8Array[], outgoing: ServerResponse): void {
    for (const chunk of body) this.#requestBytes += chunk.byteLength;
    this.#begin(outgoing);
    try {
      assertForwardable(this.#forwarder.wire, this.#message as WireMessage, this.#server.options.limits);
      this.#forward();
    } catch (error) {
      this.error(error);
    }
  }

  /** True where the body is handed on while it comes, which only a large one of announced length is. */
  startStreamed(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
    const { limits } = this.#server.options;
    const length = Number(this.requestHeaders["content-length"]);
    if (!(length > WINDOW_BYTES && length <= limits.maxBodyBytes) || !this.accepts(NO_CHUNKS)) return false;
    const { headers } = this.#message as WireMessage;
    let check: StreamCheck | undefined;
    try {
      check = createStreamCheck(this.#forwarder.wire, headers, length, WINDOW_BYTES, limits);
    } catch {
      // A body that cannot be right is refused like a small one, once it is there.
    }
    if (check === undefined) return false;
    this.#requestBytes = length;
    this.#begin(outgoing);
    this.#stream = new IncomingBody(incoming, length, check, {
      ready: () => this.#forward(),
      failed: (error) => {
        if (this.#ended) return;
        this.#handle?.abort();
        this.error(error);
      },
    });
    return true;
  }

  #begin(outgoing: ServerResponse): void {
    this.#outgoing = outgoing;
    const { listeners } = this.#server;
    listeners?.requestStarted?.(this);
    listeners?.stageStarted?.(this, this.verb);
    outgoing.on("close", this.#onClose);
  }

  #forward(): void {
    const { listeners, options } = this.#server;
    const headers = selectForwardHeaders(this.requestHeaders as Record<string, string>, options.forwardHeaders);
    headers["x-request-id"] = this.requestId;
    listeners?.predictorHeaders?.(this, headers);
    this.#handle = this.#forwarder.forward(
      {
        verb: this.verb,
        modelName: this.modelName,
        modelVersion: this.#route.version,
        message: this.#message as WireMessage,
        stream: this.#stream,
        headers,
        timeoutMs: options.requestTimeoutMs === 0 ? undefined : options.requestTimeoutMs,
      },
      this,
    );
  }

  readonly #onClose = (): void => {
    if (this.#outgoing?.writableFinished === true || this.#ended) return;
    this.#handle?.abort();
    this.#finish(499, new InferenceError("the client left", { code: "cancelled" }));
  };

  head(status: number, headers: Record<string, string | string[]>): void {
    this.#status = status;
    this.#headers = headers;
    headers["x-request-id"] = this.requestId;
  }

  data(chunk: Uint8Array): boolean {
    const outgoing = this.#outgoing as ServerResponse;
    this.#responseBytes += chunk.byteLength;
    if (!outgoing.headersSent) {
      if (this.#held === undefined) {
        this.#held = chunk;
        return true;
      }
      this.#writeHead(outgoing);
      outgoing.write(this.#held);
    }
    if (outgoing.write(chunk)) return true;
    outgoing.once("drain", () => this.#handle?.resume());
    return false;
  }

  end(): void {
    const outgoing = this.#outgoing as ServerResponse;
    if (!outgoing.headersSent) {
      // A bare status tells a client nothing: who said it, and how to find the request in the log.
      if (this.#status >= 400 && this.#held === undefined) this.data(this.#statement());
      this.#headers["content-length"] = String(this.#responseBytes);
      this.#writeHead(outgoing);
      outgoing.end(this.#held);
    } else {
      outgoing.end();
    }
    this.#finish(this.#status, undefined);
  }

  error(error: unknown): void {
    if (this.#ended) return;
    const outgoing = this.#outgoing as ServerResponse;
    const response = errorResponse(error, this.requestId, this.#server.options.log);
    // Once bytes are out the only honest thing left is to break the connection.
    if (outgoing.headersSent) outgoing.destroy();
    else {
      this.#server.listeners?.responseStarting?.(this);
      void writeResponse(outgoing, { ...response, headers: { ...response.headers, ...this.responseHeaders } }, false);
    }
    this.#finish(response.status, error);
  }

  #statement(): Uint8Array {
    const message = `the predictor answered ${this.#status}`;
    const { headers, body } = encodeErrorBody(new InferenceError(message, { status: this.#status }), this.requestId);
    Object.assign(this.#headers, headers);
    return body[0] as Uint8Array;
  }

  #writeHead(outgoing: ServerResponse): void {
    const { listeners } = this.#server;
    if (listeners?.responseStarting !== undefined) {
      listeners.responseStarting(this);
      Object.assign(this.#headers, this.responseHeaders);
    }
    outgoing.writeHead(this.#status, this.#headers);
  }

  #finish(status: number, error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stream?.close();
    const { listeners } = this.#server;
    if (listeners === undefined) return;
    const milliseconds = performance.now() - this.#started;
    listeners.stageEnded?.(this, this.verb, milliseconds, error);
    listeners.requestEnded?.(this, {
      status,
      milliseconds,
      requestBytes: this.#requestBytes,
      responseBytes: this.#responseBytes,
      ...(error === undefined ? {} : { error }),
    });
  }
}
