import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { createModelServer, type Models } from "./create-app.ts";
import { LazyGrpcServer } from "./lazy-grpc-server.ts";
import type { ModelServer } from "./model-server.ts";
import { createNodeListener, type NodeListener } from "./node-listener.ts";
import { createSharedListener, type SharedListener } from "./port-sharing.ts";
import { type ProbeServer, startProbeServer } from "./probe-server.ts";
import { type ResolvedServeOptions, resolveServeOptions, type ServeOptions } from "./serve-options.ts";

/** A running server. */
export interface ServerHandle {
  /** `http://127.0.0.1:8080`; where it listens on all addresses, the loopback one. */
  readonly url: string;
  readonly port: number;
  /** `127.0.0.1:8081`: where gRPC is served, on its own port when it has one. */
  readonly grpcUrl: string | undefined;
  /** Port of the health thread, when it was asked for. */
  readonly probePort: number | undefined;
  /** Resolves once every model is ready. @throws the first failure to load. */
  ready(): Promise<void>;
  /** Not ready → drain → requests in flight → models and predictors closed. Safe to call twice. */
  close(options?: { /** Instead of the server's own. */ readonly drainDelayMs?: number }): Promise<void>;
}

/**
 * Starts a server for one transformer, or for several by name. Liveness answers at once, readiness once the models are
 * loaded; requests that come earlier wait.
 * @throws the listen error (EADDRINUSE, EACCES) as node gives it.
 */
export async function serve(models: Models, options: ServeOptions = {}): Promise<ServerHandle> {
  const settings = resolveServeOptions(options);
  const modelServer = createModelServer(models, options);
  const httpServer = createHttpServer(modelServer, settings);
  const grpcServer = new LazyGrpcServer(modelServer, httpServer);
  const listener = createSharedListener({
    httpServer,
    grpc: settings.grpc ? grpcServer : { handleConnection: (socket) => socket.destroy() },
    tls: settings.tls,
    peekTimeoutMs: settings.headersTimeoutMs,
  });
  await listen(listener, settings);
  const { grpcPort, probes } = await openFurtherPorts(modelServer, grpcServer, settings).catch((error) => {
    listener.close();
    throw error;
  });
  const loading = modelServer.registry.load();
  const { port, address } = listener.address() as AddressInfo;
  const host = urlHost(address);
  let closing: Promise<void> | undefined;
  return {
    url: `${settings.tls === undefined ? "http" : "https"}://${host}:${port}`,
    port,
    probePort: probes?.port,
    grpcUrl: settings.grpc || grpcPort !== undefined ? `${host}:${grpcPort ?? port}` : undefined,
    ready: async () => {
      await loading;
      const failed = modelServer.registry.models.find(({ state }) => state === "failed");
      if (failed !== undefined) throw failed.failure;
    },
    close: (override) => {
      closing ??= close({ listener, httpServer, grpcServer, modelServer, probes }, { ...settings, ...override });
      return closing;
    },
  };
}

async function openFurtherPorts(
  { readiness }: ModelServer,
  grpcServer: LazyGrpcServer,
  { host, grpcPort, probePort, maxHeartbeatAgeMs, tls }: ResolvedServeOptions,
): Promise<{ readonly grpcPort: number | undefined; readonly probes: ProbeServer | undefined }> {
  const probes =
    probePort === undefined
      ? undefined
      : await startProbeServer(readiness, { host, port: probePort, maxHeartbeatAgeMs });
  try {
    return { grpcPort: grpcPort === undefined ? undefined : await grpcServer.listen(host, grpcPort, tls), probes };
  } catch (error) {
    await probes?.close();
    throw error;
  }
}

function createHttpServer(modelServer: ModelServer, settings: ResolvedServeOptions): HttpServer {
  return createServer(
    {
      keepAliveTimeout: settings.keepAliveTimeoutMs,
      headersTimeout: settings.headersTimeoutMs,
      requestTimeout: settings.receiveTimeoutMs,
      maxHeaderSize: settings.maxHeaderBytes,
      noDelay: true,
    },
    createNodeListener(modelServer, createPages(modelServer)),
  );
}

/** Everything beside the data plane is Express's, which is loaded at the first such request. */
function createPages(modelServer: ModelServer): NodeListener {
  let pages: Promise<NodeListener> | undefined;
  return (incoming, outgoing) => {
    pages ??= import("./express-app.ts").then(({ createExpressApp }) => createExpressApp(modelServer));
    pages.then(
      (app) => app(incoming, outgoing),
      (error) => outgoing.destroy(error),
    );
  };
}

function listen(listener: Server, { host, port }: ResolvedServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once("error", reject);
    listener.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      listener.off("error", reject);
      resolve();
    });
  });
}

function urlHost(address: string): string {
  if (address === "::" || address === "0.0.0.0") return "127.0.0.1";
  return address.includes(":") ? `[${address}]` : address;
}

interface Opened {
  readonly listener: SharedListener;
  readonly httpServer: HttpServer;
  readonly grpcServer: LazyGrpcServer;
  readonly modelServer: ModelServer;
  readonly probes: ProbeServer | undefined;
}

/** In the reverse order of opening. */
async function close(opened: Opened, settings: ResolvedServeOptions): Promise<void> {
  const { listener, httpServer, grpcServer, modelServer, probes } = opened;
  modelServer.readiness.draining = true;
  if (settings.drainDelayMs > 0) await delay(settings.drainDelayMs);
  const { shutdownTimeoutMs } = settings;
  const grpcClosed = grpcServer.close(shutdownTimeoutMs);
  await new Promise<void>((resolve) => {
    const force = setTimeout(() => httpServer.closeAllConnections(), shutdownTimeoutMs);
    // A connection becomes idle when its answer is out; node:http does not close those that it never listened for.
    const idle = setInterval(() => httpServer.closeIdleConnections(), 50);
    listener.close(() => {
      clearTimeout(force);
      clearInterval(idle);
      resolve();
    });
    listener.closeSilentConnections();
    httpServer.closeIdleConnections();
  });
  await grpcClosed;
  await modelServer.registry.close();
  await probes?.close();
}
