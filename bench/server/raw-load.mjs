/**
 * The two ends of a proxy benchmark, as cheap as can be, so that the proxy is what is measured: a predictor that answers
 * fixed bytes, and clients that send fixed bytes over keep-alive connections.
 */
import { connect, createServer } from "node:net";

/** Answers every request of `requestLength` or more bytes (head and body) with the same bytes. */
export function startFixedPredictor(answer) {
  const response = Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${answer.length}\r\n\r\n${answer}`,
  );
  const server = createServer((socket) => {
    let waiting = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
      for (;;) {
        const end = waiting.indexOf("\r\n\r\n");
        if (end < 0) return;
        const length = Number(/content-length: *(\d+)/i.exec(waiting.toString("latin1", 0, end))?.[1] ?? 0);
        if (waiting.length < end + 4 + length) return;
        waiting = waiting.subarray(end + 4 + length);
        socket.write(response);
      }
    });
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** Sends `request` over `connections` connections for `milliseconds`; the number of responses with status 200. */
export async function load(port, request, connections, milliseconds) {
  const until = performance.now() + milliseconds;
  let answers = 0;
  const one = () =>
    new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      let left = 0;
      socket.setNoDelay(true);
      socket.on("error", reject);
      socket.on("connect", () => socket.write(request));
      socket.on("data", (chunk) => {
        let bytes = chunk.length;
        if (left === 0) {
          const text = chunk.toString("latin1");
          const end = text.indexOf("\r\n\r\n");
          if (!text.startsWith("HTTP/1.1 200") || end < 0) {
            reject(new Error(`unexpected answer: ${text.slice(0, 200)}`));
            return;
          }
          left = Number(/content-length: *(\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
          bytes = chunk.length - end - 4;
        }
        left -= bytes;
        if (left > 0) return;
        answers += 1;
        if (performance.now() < until) socket.write(request);
        else socket.end(resolve);
      });
    });
  await Promise.all(Array.from({ length: connections }, one));
  return answers;
}
