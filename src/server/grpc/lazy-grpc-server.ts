import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import type { ModelServer } from "../model-server.ts";
import type { GrpcServer } from "./grpc-server.ts";

/** The gRPC server, loaded at the first connection that speaks HTTP/2: who has no gRPC clients does not pay for it. */
export class LazyGrpcServer {
  readonly #modelServer: ModelServer;
  readonly #httpServer: HttpServer;
  #server: Promise<GrpcServer> | undefined;
  #isClosed = false;

  /** `httpServer` answers what comes over HTTP/2 and is no gRPC. */
  constructor(modelServer: ModelServer, httpServer: HttpServer) {
    this.#modelServer = modelServer;
    this.#httpServer = httpServer;
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
    this.#server ??= loadGrpcServer(this.#modelServer, this.#httpServer);
    return this.#server;
  }
}

async function loadGrpcServer(modelServer: ModelServer, httpServer: HttpServer): Promise<GrpcServer> {
  const [{ GrpcServer }, { createGrpcBackend }] = await Promise.all([
    import("./grpc-server.ts"),
    import("./backend.ts"),
  ]);
  const { maxBodyBytes } = modelServer.options.limits;
  return new GrpcServer(createGrpcBackend(modelServer), { maxReceiveBytes: maxBodyBytes, httpServer });
}
