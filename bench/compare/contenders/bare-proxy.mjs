/**
 * The proxy that anyone would write first: node:http in front, undici `request` behind, the body collected.
 * `bare-proxy.mjs PREDICTOR PORT`
 */
import { createServer } from "node:http";
import { Pool } from "undici";

const [, , predictor, port] = process.argv;
const pool = new Pool(`http://${predictor}`, { connections: 128 });
const server = createServer((incoming, outgoing) => {
  if (incoming.method === "GET") return outgoing.end();
  const chunks = [];
  incoming.on("data", (chunk) => chunks.push(chunk));
  incoming.on("end", async () => {
    const { "content-type": type, "inference-header-content-length": json } = incoming.headers;
    const { statusCode, headers, body } = await pool.request({
      method: "POST",
      path: incoming.url,
      headers: { "content-type": type, ...(json && { "inference-header-content-length": json }) },
      body: Buffer.concat(chunks),
    });
    const response = Buffer.from(await body.arrayBuffer());
    outgoing.writeHead(statusCode, { "content-type": headers["content-type"], "content-length": response.length });
    outgoing.end(response);
  });
});
server.listen(Number(port), "127.0.0.1");
