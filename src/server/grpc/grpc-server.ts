import type { Server as HttpServer } from "node:http";
import type { Duplex } from "node:stream";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { InferenceError } from "../../errors.ts";
import { file_health } from "../../protocol/grpc/gen/health_pb.ts";
import { file_inference } from "../../protocol/grpc/gen/inference_pb.ts";
import { file_model_config } from "../../protocol/grpc/gen/model_config_pb.ts";
import { file_model_statistics } from "../../protocol/grpc/gen/model_statistics_pb.ts";
import { file_reflection } from "../../protocol/grpc/gen/reflection_pb.ts";
import type { ModelServer } from "../model-server.ts";
import { createAdmitCalls } from "./admit-calls.ts";
import { addHealthService } from "./health.ts";
import type { Http2Timeouts } from "./http2-connection.ts";
import { Http2Streams } from "./http2-streams.ts";
import { addReflectionService } from "./reflection.ts";
import { addInferenceService } from "./service.ts";

export interface GrpcServerOptions extends Http2Timeouts {
  /** Answers what comes over HTTP/2 and is no gRPC, on connections that are handed over. @default 415 for it */
  readonly httpServer?: HttpServer | undefined;
  /** Requests that one connection may have open; further ones are refused before anything is read. @default 256 */
  readonly maxConcurrentStreams?: number | undefined;
}

/** A gRPC server on connections that somebody else accepted: on a shared port, on one of its own, or both. */
export class GrpcServer {
  readonly #server: Server;
  readonly #options: GrpcServerOptions;
  readonly #closing = new AbortController();
  #streams: Http2Streams | undefined;
  #closed: Promise<void> | undefined;

  constructor(server: ModelServer, options: GrpcServerOptions = {}) {
    this.#options = options;
    this.#server = new Server({
      interceptors: [createAdmitCalls(server)],
      "grpc.max_receive_message_length": server.options.limits.maxBodyBytes,
      "grpc.max_concurrent_streams": options.maxConcurrentStreams ?? 256,
      // Channelz counts every message, and nobody asks it.
      "grpc.enable_channelz": 0,
    });
    addInferenceService(this.#server, server);
    addHealthService(this.#server, server, this.#closing.signal);
    addReflectionService(this.#server, [
      file_inference,
      file_model_config,
      file_model_statistics,
      file_health,
      file_reflection,
    ]);
  }

  /** Takes a connection that already speaks HTTP/2 (TLS, where there is any, is done). */
  handleConnection(connection: Duplex): void {
    if (connection.destroyed) return;
    this.#streams ??= this.#createStreams();
    this.#streams.handleConnection(connection);
  }

  #createStreams(): Http2Streams {
    this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    // The injector keeps its HTTP/2 server to itself, which REST over HTTP/2 and the guards of streams need; grpc-js, held within its
    // minor version for this, knows it as the last one that it made. An accessor of the injector would do away with it.
    const http2Server = [...(this.#server["http2Servers"]?.keys() ?? [])].at(-1);
    if (http2Server === undefined) throw new Error("grpc-js did not make an HTTP/2 server");
    return new Http2Streams(http2Server, this.#options.httpServer, this.#options);
  }

  /** No new calls; those in flight have `timeoutMs` to end, then they are cut. Safe to call twice. */
  close(timeoutMs: number): Promise<void> {
    this.#closed ??= this.#close(timeoutMs);
    return this.#closed;
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#closing.abort(new InferenceError("the server ends", { code: "unavailable" }));
    await this.#streams?.close(timeoutMs);
    this.#server.forceShutdown();
  }
}
