import { Buffer } from "node:buffer";
import type { Server as HttpServer } from "node:http";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions, Server as TlsServer } from "node:tls";
import { assertTls, type ServerTls } from "./server-tls.ts";

const DEFAULT_PEEK_MS = 30_000;

export interface PortSharingOptions {
  /** Never listens itself; its timeouts and limits hold. */
  readonly httpServer: HttpServer;
  /** Takes the connections that speak HTTP/2. */
  readonly grpc: { handleConnection(connection: Socket): void };
  readonly tls?: ServerTls | undefined;
  /** Time for a connection to show what it speaks, and for its TLS handshake; 0 is no bound. @default 30000 */
  readonly peekTimeoutMs?: number | undefined;
}

/** How every HTTP/2 connection begins (RFC 9113 §3.4); the rest of the preface is not needed to tell it from HTTP/1.1. */
const PREFACE = Buffer.from("PRI * HTTP/2.0", "latin1");

/** A listener whose connections are handed to servers that know nothing of it. */
export interface PortListener extends Server {
  /** Connections from now on are served with this; those that are open keep what they have. @throws see `renewTls`. */
  renewTls(tls: ServerTls): void;
  /** Closes connections that have not shown yet what they speak, in TLS or beneath it; the servers know nothing of them. */
  closeSilentConnections(): void;
  /** Whatever is open, whoever has it. */
  closeAllConnections(): void;
}

/**
 * One listener for REST over HTTP/1.1 and gRPC over HTTP/2, plain (prior knowledge) or under TLS. A connection is looked at
 * once; from then on it is node:http's or gRPC's, as if nobody had stood between.
 *
 * Closing the listener stops new connections; the two servers end theirs.
 */
export function createSharedListener(options: PortSharingOptions): PortListener {
  const { httpServer, tls } = options;
  const silent = new Set<Socket>();
  // Without it node:http, which never listens, enforces no header and request timeouts.
  httpServer.emit("listening");
  const peek = (socket: Socket): void => peekConnection(socket, options, silent);
  // Half-open as node:http has it: a client may end its side before the response. node:https does not.
  if (tls === undefined) return watch(createTcpServer({ allowHalfOpen: true, noDelay: true }, peek), silent);
  // Clients of gRPC offer h2 alone; whoever offers both is a client of REST and does without.
  const listener = createSecureListener(tls, ["http/1.1", "h2"], options.peekTimeoutMs, silent);
  listener.on("secureConnection", (socket: TLSSocket) => {
    if (socket.alpnProtocol === "h2") handToGrpc(socket, options);
    else if (socket.alpnProtocol === "http/1.1") httpServer.emit("connection", socket);
    else peek(socket);
  });
  return watch(listener, silent);
}

/** A listener for gRPC alone. */
export function createGrpcListener({ grpc, tls, peekTimeoutMs }: Omit<PortSharingOptions, "httpServer">): PortListener {
  const silent = new Set<Socket>();
  const take = (socket: Socket): void => handToGrpc(socket, { grpc });
  if (tls === undefined) return watch(createTcpServer({ noDelay: true }, take), silent);
  return watch(createSecureListener(tls, ["h2"], peekTimeoutMs, silent).on("secureConnection", take), silent);
}

function watch(listener: Server, silent: ReadonlySet<Socket>): PortListener {
  const open = new Set<Socket>();
  listener.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  return Object.assign(listener, {
    renewTls: (tls: ServerTls) => renewTls(listener, tls),
    closeSilentConnections: () => destroyAll(silent),
    closeAllConnections: () => destroyAll(open),
  });
}

function destroyAll(sockets: ReadonlySet<Socket>): void {
  for (const socket of sockets) socket.destroy();
}

/** Connections are silent until their handshake is done. */
function createSecureListener(
  tls: ServerTls,
  ALPNProtocols: string[],
  handshakeTimeout = DEFAULT_PEEK_MS,
  silent: Set<Socket>,
): TlsServer {
  assertTls(tls);
  const listener = createTlsServer({ ...toTlsOptions(tls), ALPNProtocols, handshakeTimeout, noDelay: true });
  // The TLS socket does not tell which one it was made of, but both have the same peer.
  const byPeer = new Map<string, Socket>();
  listener.on("connection", (socket: Socket) => {
    const peer = peerOf(socket);
    byPeer.set(peer, socket);
    silent.add(socket);
    socket.once("close", () => {
      silent.delete(socket);
      if (byPeer.get(peer) === socket) byPeer.delete(peer);
    });
  });
  listener.on("secureConnection", (socket: TLSSocket) => {
    const raw = byPeer.get(peerOf(socket));
    if (raw !== undefined) silent.delete(raw);
  });
  // Node leaves a handshake that fails, or whose time is over, to whoever listens.
  listener.on("tlsClientError", (_error, socket) => socket.destroy());
  return listener;
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** @throws Error when certificate and key do not fit or are not whole; the listener goes on with those that it has. */
function renewTls(listener: Server, tls: ServerTls): void {
  if (!(listener instanceof TlsServer)) return;
  assertTls(tls);
  listener.setSecureContext(toTlsOptions(tls));
}

function toTlsOptions({ cert, key, clientCa }: ServerTls): TlsOptions {
  if (clientCa === undefined) return { cert, key };
  return { cert, key, ca: clientCa, requestCert: true, rejectUnauthorized: true };
}

/** Waits for the first byte that differs from HTTP/2's preface (PUT and POST share P), or for the whole of it. */
function peekConnection(socket: Socket, options: PortSharingOptions, silent: Set<Socket>): void {
  const { httpServer, grpc, peekTimeoutMs = DEFAULT_PEEK_MS } = options;
  silent.add(socket);
  const seen: Buffer[] = [];
  // Node runs timers before it reads: what arrived while the event loop was held comes first.
  const cut = (): void => void setImmediate(() => silent.has(socket) && socket.destroy());
  const timer = peekTimeoutMs > 0 ? setTimeout(cut, peekTimeoutMs) : undefined;
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
  // gRPC may take it a moment later, and an error of it meanwhile must not reach the process.
  socket.on("error", () => undefined);
  grpc.handleConnection(socket);
}

function recognise(bytes: Buffer): "http1" | "http2" | undefined {
  const length = Math.min(bytes.length, PREFACE.length);
  if (bytes.compare(PREFACE, 0, length, 0, length) !== 0) return "http1";
  return length === PREFACE.length ? "http2" : undefined;
}
