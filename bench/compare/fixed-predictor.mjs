/** A predictor that answers every request with the same bytes, in a process of its own: `fork` it, send it
 * `{ response, metadata, delayMs }`. */
import { createServer } from "node:net";

/** How a body in chunks ends; the pictures of these benchmarks, as numbers, never do. */
const END = "0\r\n\r\n";

process.on("disconnect", () => process.exit());
process.on("message", ({ response, metadata, delayMs = 0 }) => {
  const server = createServer((socket) => serve(socket, http(response), http(metadata ?? "{}"), delayMs));
  server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
});

function http(body) {
  const length = Buffer.byteLength(body);
  return Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`);
}

/** One request at a time on a connection, its body by length or in chunks; bodies are counted and let go. */
function serve(socket, response, metadata, delayMs) {
  let head = Buffer.alloc(0);
  let left = 0;
  let isChunked = false;
  let tail = "";
  let reply = response;
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    let body = chunk;
    if (left === 0 && !isChunked) {
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      const text = head.toString("latin1", 0, end);
      reply = text.startsWith("GET ") ? metadata : response;
      tail = "";
      isChunked = /\r\ntransfer-encoding: *chunked/i.test(text);
      left = Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0);
      body = head.subarray(end + 4);
      head = Buffer.alloc(0);
    }
    if (isChunked) {
      tail = (tail + body.subarray(-END.length).toString("latin1")).slice(-END.length);
      isChunked = tail !== END;
    } else left -= body.length;
    if (left > 0 || isChunked) return;
    if (delayMs === 0 || reply === metadata) socket.write(reply);
    else setTimeout(() => socket.write(response), delayMs);
  });
}
