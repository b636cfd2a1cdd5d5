import { ServerResponse } from "node:http";

/**
 * node:http's response, which is its connection's last once the server ends, also where the request came before: clients of
 * kept connections go elsewhere, and none meets one that is closed under its next request.
 */
export function createResponseClass(isEnding: () => boolean): typeof ServerResponse {
  return class ClosingResponse extends ServerResponse {
    override writeHead(...head: unknown[]): this {
      if (isEnding()) this.shouldKeepAlive = false;
      return super.writeHead(...(head as Parameters<ServerResponse["writeHead"]>));
    }
  } as typeof ServerResponse;
}
