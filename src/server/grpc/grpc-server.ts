import type { Server as HttpServer } from "node:http";
import type { Duplex } from "node:stream";
import { type ConnectionInjector, Server, ServerCredentials } from "@grpc/grpc-js";
import { InferenceError } from "../../errors.ts";
import { file_health } from "../../protocol/grpc/gen/health_pb.ts";
import { file_inference } from "../../protocol/grpc/gen/inference_pb.ts";
import { file_reflection } from "../../protocol/grpc/gen/reflection_pb.ts";
import { addHealthService } from "./health.ts";
import { addReflectionService } from "./reflection.ts";
import { shareStreams } from "./rest-streams.ts";
import { addInferenceService, type GrpcBackend } from "./service.ts";

export interface GrpcServerOptions {
  /** Answers what comes over HTTP/2 and is no gRPC, on connections that are handed over. @default 415 for it */
  readonly httpServer?: HttpServer | undefined;
  /** Bytes of one request message, decompressed. */
  readonly maxReceiveBytes: number;
}

/** A gRPC server on connections that somebody else accepted: on a shared port, on one of its own, or both. */
export class GrpcServer {
  readonly #server: Server;
  readonly #httpServer: HttpServer | undefined;
  readonly #closing = new AbortController();
  #injector: ConnectionInjector | undefined;
  #closed: Promise<void> | undefined;

  constructor(backend: GrpcBackend, { maxReceiveBytes, httpServer }: GrpcServerOptions) {
    this.#httpServer = httpServer;
    this.#server = new Server({
      "grpc.max_receive_message_length": maxReceiveBytes,
      // Channelz counts every message, and nobody asks it.
      "grpc.enable_channelz": 0,
    });
    addInferenceService(this.#server, backend);
    addHealthService(this.#server, backend, this.#closing.signal);
    addReflectionService(this.#server, [file_inference, file_health, file_reflection]);
  }

  /** Takes a connection that already speaks HTTP/2 (TLS, where there is any, is done). */
  handleConnection(connection: Duplex): void {
    if (connection.destroyed) return;
    this.#injector ??= this.#createInjector();
    this.#injector.injectConnection(connection);
  }

  #createInjector(): ConnectionInjector {
    const injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    // The injector keeps its HTTP/2 server to itself; grpc-js knows it as the last one that it made.
    const http2Server = [...(this.#server["http2Servers"]?.keys() ?? [])].at(-1);
    if (this.#httpServer !== undefined && http2Server !== undefined) shareStreams(http2Server, this.#httpServer);
    return injector;
  }

  /** No new calls; those in flight have `timeoutMs` to end, then they are cut. Safe to call twice. */
  close(timeoutMs: number): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#closing.abort(new InferenceError("the server ends", { code: "unavailable" }));
      const force = setTimeout(() => this.#server.forceShutdown(), timeoutMs);
      this.#server.tryShutdown(() => {
        clearTimeout(force);
        resolve();
      });
    });
    return this.#closed;
  }
}
