import type { Server as HttpServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import { createModelServer, type Models } from "./create-app.ts";
import { LazyGrpcServer } from "./grpc/lazy-grpc-server.ts";
import { createResponseClass } from "./http/closing-response.ts";
import { createNodeListener, type NodeListener } from "./http/node-listener.ts";
import type { ModelServer } from "./model-server.ts";
import { nodeHttp } from "./process/node-http.ts";
import { createGrpcListener, createSharedListener, type PortListener } from "./process/port-sharing.ts";
import { type ProbeServer, startProbeServer } from "./process/probe-server.ts";
import { requestTimeouts } from "./process/request-timeouts.ts";
import type { ServerTls } from "./process/server-tls.ts";
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
  /** Whether requests may come, as readiness probes are told. */
  isReady(): Promise<boolean>;
  /**
   * Puts newly loaded transformers in the place of those that serve; no request is lost.
   * @throws the first failure; the old ones go on.
   */
  reload(): Promise<void>;
  /**
   * From now on connections get this certificate; a plain server stays plain.
   * @throws when certificate and key do not fit; the old ones go on.
   */
  renewTls(tls: ServerTls): void;
  /** Not ready → drain → requests in flight → models and predictors closed. Safe to call twice. */
  close(options?: CloseOptions): Promise<void>;
}

/** How one end differs from the others. */
export interface CloseOptions {
  /** Instead of the server's own. */
  readonly drainDelayMs?: number;
  /** Another process has the port too: no new connections from now on, and readiness stays as it is. @default false */
  readonly hasSuccessor?: boolean;
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
  const grpcServer = new LazyGrpcServer(modelServer, { ...settings, httpServer });
  const listener = createSharedListener({
    httpServer,
    grpc: settings.grpc ? grpcServer : { handleConnection: (socket) => socket.destroy() },
    tls: settings.tls,
    peekTimeoutMs: settings.headersTimeoutMs,
  });
  await listen(listener, settings.host, settings.port);
  const further = await openFurtherPorts(modelServer, grpcServer, settings).catch((error) => {
    listener.close();
    throw error;
  });
  const { grpcListener, probes } = further;
  const loading = modelServer.registry.load();
  const { port, address } = listener.address() as AddressInfo;
  const host = urlHost(address);
  const grpcPort = grpcListener === undefined ? port : (grpcListener.address() as AddressInfo).port;
  const opened: Opened = { listener, httpServer, grpcServer, modelServer, ...further };
  let closing: Promise<void> | undefined;
  return {
    url: `${settings.tls === undefined ? "http" : "https"}://${host}:${port}`,
    port,
    probePort: probes?.port,
    grpcUrl: settings.grpc || grpcListener !== undefined ? `${host}:${grpcPort}` : undefined,
    ready: async () => {
      await loading;
      const failed = modelServer.registry.models.find(({ state }) => state === "failed");
      if (failed !== undefined) throw failed.failure;
      await probes?.refresh();
    },
    isReady: () => modelServer.readiness.server(),
    reload: async () => {
      await Promise.all(modelServer.registry.models.map((model) => model.reload()));
    },
    renewTls: (tls) => {
      listener.renewTls(tls);
      grpcListener?.renewTls(tls);
    },
    close: (how) => {
      closing ??= close(opened, { ...settings, ...how });
      return closing;
    },
  };
}

async function openFurtherPorts(
  { readiness }: ModelServer,
  grpc: LazyGrpcServer,
  settings: ResolvedServeOptions,
): Promise<Pick<Opened, "grpcListener" | "probes">> {
  const { host, grpcPort, probePort, tls, headersTimeoutMs } = settings;
  const heartbeat = { isReady: () => readiness.server(), lastBeat: () => process.hrtime.bigint() };
  const probes =
    probePort === undefined ? undefined : await startProbeServer(heartbeat, { ...settings, port: probePort });
  if (grpcPort === undefined) return { grpcListener: undefined, probes };
  const grpcListener = createGrpcListener({ grpc, tls, peekTimeoutMs: headersTimeoutMs });
  try {
    await listen(grpcListener, host, grpcPort);
    return { grpcListener, probes };
  } catch (error) {
    await probes?.close();
    throw error;
  }
}

function createHttpServer(modelServer: ModelServer, settings: ResolvedServeOptions): HttpServer {
  const { readiness } = modelServer;
  const server = nodeHttp.createServer(
    {
      keepAliveTimeout: settings.keepAliveTimeoutMs,
      ...requestTimeouts(settings),
      maxHeaderSize: settings.maxHeaderBytes,
      noDelay: true,
      ServerResponse: createResponseClass(() => readiness.draining || readiness.retiring),
    },
    createNodeListener(modelServer, createPages(modelServer)),
  );
  // Of bytes in either direction; who waits for a response is not cut (see createResponseClass).
  server.timeout = settings.receiveTimeoutMs;
  return server;
}

/** Everything beside the data plane is Express's, which is loaded at the first such request. */
function createPages(modelServer: ModelServer): NodeListener {
  let pages: Promise<NodeListener> | undefined;
  return (incoming, outgoing) => {
    pages ??= import("./http/pages/express-app.ts").then(({ createExpressApp }) => createExpressApp(modelServer));
    pages.then(
      (app) => app(incoming, outgoing),
      (error) => outgoing.destroy(error),
    );
  };
}

function listen(listener: Server, host: string | undefined, port: number): Promise<void> {
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
  readonly listener: PortListener;
  readonly httpServer: HttpServer;
  readonly grpcServer: LazyGrpcServer;
  readonly grpcListener: PortListener | undefined;
  readonly modelServer: ModelServer;
  readonly probes: ProbeServer | undefined;
}

/** A connection that was taken just before the end may have its request on the way: it is closed only when none comes. */
const FIRST_BYTE_MS = 200;

/** In the reverse order of opening. */
async function close(opened: Opened, settings: ResolvedServeOptions & CloseOptions): Promise<void> {
  const { listener, httpServer, grpcServer, grpcListener, modelServer, probes } = opened;
  const { shutdownTimeoutMs, drainDelayMs, hasSuccessor = false } = settings;
  const listeners = grpcListener === undefined ? [listener] : [listener, grpcListener];
  const listenersClosed = (): Promise<unknown> =>
    Promise.all(listeners.map((each) => new Promise<void>((resolve) => void each.close(() => resolve()))));
  let closed: Promise<unknown> | undefined;
  if (hasSuccessor) {
    modelServer.readiness.retiring = true;
    closed = listenersClosed();
  } else modelServer.readiness.draining = true;
  await probes?.refresh();
  if (drainDelayMs > 0) await delay(drainDelayMs);
  // Node runs timers before it reads: what has arrived by now, on connections and as new ones, comes first.
  await turn();
  const end = performance.now() + shutdownTimeoutMs;
  const grpcClosed = grpcServer.close(shutdownTimeoutMs);
  closed ??= listenersClosed();
  const force = setTimeout(() => {
    httpServer.closeAllConnections();
    for (const each of listeners) each.closeAllConnections();
  }, shutdownTimeoutMs);
  // A connection becomes idle when its response is out; node:http does not close those that it never listened for.
  const idle = setInterval(() => setImmediate(() => httpServer.closeIdleConnections()), 50);
  const silent = setTimeout(() => {
    setImmediate(() => {
      for (const each of listeners) each.closeSilentConnections();
    });
  }, FIRST_BYTE_MS);
  httpServer.closeIdleConnections();
  await closed;
  clearTimeout(force);
  clearInterval(idle);
  clearTimeout(silent);
  await grpcClosed;
  await modelServer.close(Math.max(0, end - performance.now()));
  await probes?.close();
}
