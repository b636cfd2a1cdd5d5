import { cancellation } from "../../policy/deadline.ts";
import type { HttpClient, HttpClientRequest, HttpClientResponse } from "./http-client.ts";
import { ResponseCollector } from "./response-collector.ts";
import type { HttpTransport } from "./transport.ts";

/** The default HTTP client: undici's pool, whole responses. */
export class UndiciClient implements HttpClient {
  readonly #transport: HttpTransport;

  constructor(transport: HttpTransport) {
    this.#transport = transport;
  }

  request(request: HttpClientRequest): Promise<HttpClientResponse> {
    const { method, path, headers, pieces, timeoutMs, maxResponseBytes, signal } = request;
    if (signal?.aborted) return Promise.reject(cancellation(signal));
    const body = pieces ?? request.body;
    const collector = new ResponseCollector(this.#transport.address, maxResponseBytes, signal);
    collector.follow(this.#transport.send({ method, path, headers: { ...headers }, body, timeoutMs }, collector));
    return collector.response;
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}
