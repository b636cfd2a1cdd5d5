/**
 * Clients that send fixed bytes over keep-alive connections, one request at a time on each, as cheap as can be, so that what
 * stands between them and the predictor is what is measured.
 */
import { connect } from "node:net";

/**
 * Sends `request` over `connections` connections for `milliseconds`: the milliseconds that each response with status 200 took.
 * @throws Error at any other response, and at a connection that closes.
 */
export async function load(port, request, connections, milliseconds) {
  const until = performance.now() + milliseconds;
  const times = [];
  await Promise.all(Array.from({ length: connections }, () => client(port, request, until, times)));
  return times;
}

function client(port, request, until, times) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let head = "";
    let left = 0;
    let sent = 0;
    const send = () => {
      sent = performance.now();
      socket.write(request);
    };
    socket.setNoDelay(true);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`the connection closed${head && ` after ${head.slice(0, 300)}`}`)));
    socket.on("connect", send);
    socket.on("data", (chunk) => {
      if (left === 0) {
        head += chunk.toString("latin1");
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) return;
        const length = /^HTTP\/1.1 200[\s\S]*\r\ncontent-length: *(\d+)/i.exec(head.slice(0, end));
        if (length === null) return void reject(new Error(`unexpected response: ${head.slice(0, 600)}`));
        left = Number(length[1]) - (head.length - end - 4);
        head = "";
      } else left -= chunk.length;
      if (left > 0) return;
      const now = performance.now();
      times.push(now - sent);
      if (now < until) return send();
      socket.removeAllListeners("close");
      socket.end(resolve);
    });
  });
}
