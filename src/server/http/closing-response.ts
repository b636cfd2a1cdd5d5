import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { nodeHttp } from "../process/node-http.ts";

/**
 * node:http's response, which is its connection's last once the server ends, also where the request came before: clients of
 * kept connections go elsewhere, and none meets one that is closed under its next request. A connection whose client does not
 * read is closed once node:http's `timeout` has passed without a byte; one that waits for us is kept.
 */
export function createResponseClass(isEnding: () => boolean): typeof ServerResponse {
  return class ClosingResponse extends nodeHttp.ServerResponse {
    constructor(...request: unknown[]) {
      super(...(request as ConstructorParameters<typeof ServerResponse>));
      this.on("timeout", closeUnread);
    }

    override writeHead(...head: unknown[]): this {
      if (isEnding()) this.shouldKeepAlive = false;
      return super.writeHead(...(head as Parameters<ServerResponse["writeHead"]>));
    }
  } as typeof ServerResponse;
}

function closeUnread(socket: Socket): void {
  if (socket.writableLength > 0) socket.destroy();
}
