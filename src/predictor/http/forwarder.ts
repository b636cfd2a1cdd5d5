import type { WireForm, WireMessage } from "../../inference/content.ts";
import type { Forwarder, ForwardHandle, ForwardHandler, ForwardRequest } from "../predictor.ts";
import type { HttpPaths, HttpProtocol } from "./paths.ts";
import type { HttpTransport } from "./transport.ts";

export interface HttpForwarderOptions {
  readonly transport: HttpTransport;
  readonly paths: HttpPaths;
  readonly protocol: HttpProtocol;
  readonly requestTimeoutMs: number;
  /** True once the predictor is known to read V2's binary tensors. */
  readonly readsBinary: () => boolean;
  /** True when the predictor has a name of its own for the model, which V2's responses carry. */
  readonly renamesModel: boolean;
}

/** Hands bodies on unread. */
export class HttpForwarder implements Forwarder {
  readonly wire: WireForm;
  readonly #options: HttpForwarderOptions;

  constructor(options: HttpForwarderOptions) {
    this.wire = options.protocol;
    this.#options = options;
  }

  accepts(message: WireMessage): boolean {
    if (message.headers["content-encoding"] !== undefined) return false;
    if (this.wire === "v1") return true;
    if (this.#options.renamesModel) return false;
    const header = message.headers["inference-header-content-length"];
    // A raw request ("0") has no other form.
    return header === undefined || header === "0" || this.#options.readsBinary();
  }

  forward(request: ForwardRequest, handler: ForwardHandler): ForwardHandle {
    const { transport, paths, requestTimeoutMs } = this.#options;
    const { message, timeoutMs } = request;
    return transport.send(
      {
        method: "POST",
        path: paths.infer(request.modelName, request.modelVersion, request.verb),
        headers: messageHeaders(message, request.headers),
        body: message.body,
        stream: request.stream,
        timeoutMs: timeoutMs !== undefined && timeoutMs < requestTimeoutMs ? timeoutMs : requestTimeoutMs,
      },
      handler,
    );
  }
}

/**
 * The chosen headers, and how the body is to be read. A body without a content type (KServe's batcher, tritonclient) gets the
 * one of its form, since not every predictor reads it without.
 */
export function messageHeaders(
  message: WireMessage,
  chosen: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  const binaryHeader = message.headers["inference-header-content-length"];
  const headers: Record<string, string> = { ...chosen };
  headers["content-type"] =
    message.headers["content-type"] ?? (binaryHeader === undefined ? "application/json" : "application/octet-stream");
  if (binaryHeader !== undefined) headers["inference-header-content-length"] = binaryHeader;
  return headers;
}
