import type { ServerResponse } from "node:http";
import type { PiecedBody } from "../../inference/content.ts";
import { type HttpResponse, isPieced, isStream } from "./http-message.ts";

/** Writes a response; `last` closes the connection, since the rest of the request was not read. */
export async function writeResponse(outgoing: ServerResponse, response: HttpResponse, last: boolean): Promise<void> {
  if (outgoing.headersSent || outgoing.destroyed) return;
  const headers: Record<string, string | string[] | number> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (!HOP_BY_HOP.has(name)) headers[name] = typeof value === "string" ? value : [...value];
  }
  if (last) headers["connection"] = "close";
  // CORS has said that a response varies with its origin; a response that varies with more says both.
  const varies = outgoing.getHeader("vary");
  if (varies !== undefined && headers["vary"] !== undefined) headers["vary"] = [varies, headers["vary"]].join(", ");
  const { body } = response;
  if (isStream(body)) {
    outgoing.writeHead(response.status, headers);
    await writeStream(outgoing, body);
    return;
  }
  if (isPieced(body)) {
    headers["content-length"] = body.byteLength;
    outgoing.writeHead(response.status, headers);
    await writePieces(outgoing, body);
    return;
  }
  let bytes = 0;
  for (const chunk of body) bytes += chunk.byteLength;
  headers["content-length"] = bytes;
  outgoing.writeHead(response.status, headers);
  const end = body.length - 1;
  for (let i = 0; i < end; i++) outgoing.write(body[i]);
  outgoing.end(body[end]);
}

/**
 * Waits until the socket has taken a piece, as the next may be written over it. A drain does not tell that: node makes one of each response
 * that waits behind this one on its connection.
 */
async function writePieces(outgoing: ServerResponse, pieces: PiecedBody): Promise<void> {
  for (const piece of pieces) {
    if (outgoing.destroyed) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        outgoing.off("close", done);
        resolve();
      };
      outgoing.on("close", done);
      outgoing.write(piece, done);
    });
  }
  outgoing.end();
}

async function writeStream(outgoing: ServerResponse, body: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const chunk of body) {
      if (outgoing.destroyed) return;
      if (!outgoing.write(chunk)) await drained(outgoing);
    }
    outgoing.end();
  } catch (error) {
    outgoing.destroy(error instanceof Error ? error : undefined);
  }
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off("drain", done);
      outgoing.off("close", done);
      resolve();
    };
    outgoing.on("drain", done);
    outgoing.on("close", done);
  });
}

/** A hook's response headers are its own, but the connection is ours. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "content-length",
]);
