import { Buffer } from "node:buffer";
import type { Server as HttpServer } from "node:http";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import {
  createSecureContext,
  createServer as createTlsServer,
  type TLSSocket,
  type TlsOptions,
  Server as TlsServer,
} from "node:tls";

/** Certificate chain and key in PEM. */
export interface ServerTls {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** Certificates (PEM) of which clients must show one's signature; without them no client is asked for a certificate. */
  readonly clientCa?: string | Buffer | undefined;
}

export interface PortSharingOptions {
  /** Never listens itself; its timeouts and limits hold. */
  readonly httpServer: HttpServer;
  /** Takes the connections that speak HTTP/2. */
  readonly grpc: { handleConnection(connection: Socket): void };
  readonly tls?: ServerTls | undefined;
  /** Time for a connection to show what it speaks, and for its TLS handshake. @default 30000 */
  readonly peekTimeoutMs?: number | undefined;
}

/** How every HTTP/2 connection begins (RFC 9113 §3.4); the rest of the preface is not needed to tell it from HTTP/1.1. */
const PREFACE = Buffer.from("PRI * HTTP/2.0", "latin1");

/** A listener on a shared port. */
export interface SharedListener extends Server {
  /** Connections from now on are served with this; those that are open keep what they have. */
  renewTls(tls: ServerTls): void;
  /** Closes connections that have not shown yet what they speak; the two servers know nothing of them. */
  closeSilentConnections(): void;
}

/**
 * One listener for REST over HTTP/1.1 and gRPC over HTTP/2, plain (prior knowledge) or under TLS. A connection is looked at
 * once; from then on it is node:http's or gRPC's, as if nobody had stood between.
 *
 * Closing the listener stops new connections; the two servers end theirs.
 */
export function createSharedListener(options: PortSharingOptions): SharedListener {
  const { httpServer } = options;
  const silent = new Set<Socket>();
  // Without it node:http, which never listens, enforces no header and request timeouts.
  httpServer.emit("listening");
  const listener = createListener(options, silent);
  return Object.assign(listener, {
    renewTls: (tls: ServerTls) => renewTls(listener, tls),
    closeSilentConnections: () => {
      for (const socket of silent) socket.destroy();
    },
  });
}

function createListener(options: PortSharingOptions, silent: Set<Socket>): Server {
  const { httpServer, tls, peekTimeoutMs = 30_000 } = options;
  const peek = (socket: Socket): void => peekConnection(socket, peekTimeoutMs, options, silent);
  // Half-open as node:http has it: a client may end its side before the answer. node:https does not.
  if (tls === undefined) return createTcpServer({ allowHalfOpen: true, noDelay: true }, peek);
  const listener = createTlsServer({
    ...toTlsOptions(tls),
    // Clients of gRPC offer h2 alone; whoever offers both is a client of REST and does without.
    ALPNProtocols: ["http/1.1", "h2"],
    handshakeTimeout: peekTimeoutMs,
    noDelay: true,
  });
  listener.on("secureConnection", (socket: TLSSocket) => {
    if (socket.alpnProtocol === "h2") handToGrpc(socket, options);
    else if (socket.alpnProtocol === "http/1.1") httpServer.emit("connection", socket);
    else peek(socket);
  });
  return listener;
}

/** A listener for gRPC alone. */
export function createGrpcListener({
  grpc,
  tls,
  peekTimeoutMs = 30_000,
}: Omit<PortSharingOptions, "httpServer">): Server {
  if (tls === undefined) return createTcpServer({ noDelay: true }, (socket) => handToGrpc(socket, { grpc }));
  const options = { ...toTlsOptions(tls), ALPNProtocols: ["h2"], handshakeTimeout: peekTimeoutMs, noDelay: true };
  return createTlsServer(options, (socket) => handToGrpc(socket, { grpc }));
}

/** @throws when certificate and key do not fit; the listener goes on with those that it has. */
export function renewTls(listener: Server, tls: ServerTls): void {
  if (!(listener instanceof TlsServer)) return;
  const options = toTlsOptions(tls);
  createSecureContext(options);
  listener.setSecureContext(options);
}

function toTlsOptions({ cert, key, clientCa }: ServerTls): TlsOptions {
  if (clientCa === undefined) return { cert, key };
  return { cert, key, ca: clientCa, requestCert: true, rejectUnauthorized: true };
}

/** Waits for the first byte that differs from HTTP/2's preface (PUT and POST share P), or for the whole of it. */
function peekConnection(
  socket: Socket,
  timeoutMs: number,
  { httpServer, grpc }: PortSharingOptions,
  silent: Set<Socket>,
): void {
  silent.add(socket);
  const seen: Buffer[] = [];
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  const leave = (): void => {
    clearTimeout(timer);
    silent.delete(socket);
    socket.off("data", onData).off("end", onEnd).off("error", onError).off("close", leave);
  };
  const onData = (chunk: Buffer): void => {
    seen.push(chunk);
    const bytes = seen.length === 1 ? chunk : Buffer.concat(seen);
    const speaks = recognise(bytes);
    if (speaks === undefined) return;
    leave();
    socket.pause();
    socket.unshift(bytes);
    if (speaks === "http2") {
      handToGrpc(socket, { grpc });
    } else {
      httpServer.emit("connection", socket);
      socket.resume();
    }
  };
  const onEnd = (): void => void socket.destroy();
  const onError = (): void => void socket.destroy();
  socket.on("data", onData).on("end", onEnd).on("error", onError).on("close", leave);
}

function handToGrpc(socket: Socket, { grpc }: Pick<PortSharingOptions, "grpc">): void {
  // HTTP/2 ends streams, not halves of connections: a half-open one would stay for ever.
  socket.allowHalfOpen = false;
  // gRPC may take it a moment later, and nobody must be hurt if it breaks meanwhile.
  socket.on("error", () => undefined);
  grpc.handleConnection(socket);
}

function recognise(bytes: Buffer): "http1" | "http2" | undefined {
  const length = Math.min(bytes.length, PREFACE.length);
  if (bytes.compare(PREFACE, 0, length, 0, length) !== 0) return "http1";
  return length === PREFACE.length ? "http2" : undefined;
}
