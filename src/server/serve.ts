import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createModelServer, type Models } from "./create-app.ts";
import type { ModelServer } from "./model-server.ts";
import { createNodeListener, type NodeListener } from "./node-listener.ts";
import { type ResolvedServeOptions, resolveServeOptions, type ServeOptions } from "./serve-options.ts";

/** A running server. */
export interface ServerHandle {
  /** `http://127.0.0.1:8080`; where it listens on all addresses, the loopback one. */
  readonly url: string;
  readonly port: number;
  /** Resolves once every model is ready. @throws the first failure to load. */
  ready(): Promise<void>;
  /** Not ready → drain → requests in flight → models and predictors closed. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Starts a server for one transformer, or for several by name. Liveness answers at once, readiness once the models are
 * loaded; requests that come earlier wait.
 * @throws the listen error (EADDRINUSE, EACCES) as node gives it.
 */
export async function serve(models: Models, options: ServeOptions = {}): Promise<ServerHandle> {
  const settings = resolveServeOptions(options);
  const modelServer = createModelServer(models, options);
  const server = createHttpServer(modelServer, settings);
  await listen(server, settings);
  const loading = modelServer.registry.load();
  const { port, address } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${urlHost(address)}:${port}`,
    port,
    ready: async () => {
      await loading;
      const failed = modelServer.registry.models.find(({ state }) => state === "failed");
      if (failed !== undefined) throw failed.failure;
    },
    close: () => {
      closing ??= close(server, modelServer, settings);
      return closing;
    },
  };
}

function createHttpServer(modelServer: ModelServer, settings: ResolvedServeOptions): Server {
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

function listen(server: Server, { host, port }: ResolvedServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function urlHost(address: string): string {
  if (address === "::" || address === "0.0.0.0") return "127.0.0.1";
  return address.includes(":") ? `[${address}]` : address;
}

async function close(server: Server, modelServer: ModelServer, settings: ResolvedServeOptions): Promise<void> {
  modelServer.readiness.draining = true;
  if (settings.drainDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, settings.drainDelayMs));
  await new Promise<void>((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), settings.shutdownTimeoutMs);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
  await modelServer.registry.close();
}
