import type { Socket } from "node:net";
import type { ModelServer } from "../model-server.ts";
import type { GrpcServer, GrpcServerOptions } from "./grpc-server.ts";

/** The gRPC server, loaded at the first connection that speaks HTTP/2: who has no gRPC clients does not pay for it. */
export class LazyGrpcServer {
  readonly #modelServer: ModelServer;
  readonly #options: GrpcServerOptions;
  #server: Promise<GrpcServer> | undefined;
  #isClosed = false;

  constructor(modelServer: ModelServer, options: GrpcServerOptions) {
    this.#modelServer = modelServer;
    this.#options = options;
  }

  handleConnection(socket: Socket): void {
    this.#load().then(
      // One that comes too late, out of a slow handshake, would be kept open for ever.
      (server) => (this.#isClosed ? socket.destroy() : server.handleConnection(socket)),
      (error) => socket.destroy(error),
    );
  }

  async close(timeoutMs: number): Promise<void> {
    this.#isClosed = true;
    await (await this.#server)?.close(timeoutMs);
  }

  #load(): Promise<GrpcServer> {
    this.#server ??= import("./grpc-server.ts").then(
      ({ GrpcServer }) => new GrpcServer(this.#modelServer, this.#options),
    );
    return this.#server;
  }
}
