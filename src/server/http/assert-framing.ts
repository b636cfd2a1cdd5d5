import type { IncomingMessage, RequestListener } from "node:http";
import { InferenceError, invalidArgument } from "../../errors.ts";

/**
 * What another reader on the way may take for another request, though node:http reads it: more than one host (RFC 9112 §3.2), a
 * transfer coding beside chunked, whose bytes would be taken for the content (§6.1), and chunks in HTTP/1.0, which knows none (§6.1).
 * @throws InferenceError invalid_argument; unimplemented for a coding. The connection is to be closed.
 */
export function assertFraming({ headers, rawHeaders, httpVersion }: IncomingMessage): void {
  const hosts = countHosts(rawHeaders);
  if (hosts > 1) throw invalidArgument(`expected one Host header, got ${hosts}`);
  const coding = headers["transfer-encoding"];
  if (coding === undefined) return;
  if (coding.trim().toLowerCase() !== "chunked") {
    throw new InferenceError(`transfer-encoding: expected chunked, got ${JSON.stringify(coding.slice(0, 80))}`, {
      code: "unimplemented",
    });
  }
  if (httpVersion === "1.0") throw invalidArgument("transfer-encoding: HTTP/1.0 has none, expected a content-length");
}

/** For a port that answers in plain text: what `assertFraming` refuses is refused, everything else is the listener's. */
export function assertingFraming(listener: RequestListener): RequestListener {
  return (incoming, outgoing) => {
    try {
      assertFraming(incoming);
    } catch (thrown) {
      const { status, message } = InferenceError.from(thrown);
      outgoing.writeHead(status, { "content-type": "text/plain", connection: "close" }).end(`${message}\n`);
      return;
    }
    listener(incoming, outgoing);
  };
}

function countHosts(rawHeaders: readonly string[]): number {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.length === 4 && rawHeaders[i]?.toLowerCase() === "host") hosts += 1;
  }
  return hosts;
}
