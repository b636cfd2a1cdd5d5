import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { startServe } from "../cli/command-process.ts";
import { cwd } from "../cli/serve/served-folder.ts";

const ODD = { "x-odd": "\u00e9 secret", "x!odd": "secret" };

/** A predictor of gRPC whose head, and whose trailers, have headers that are no metadata. */
async function startPredictor(): Promise<Http2Server> {
  const predictor = createServer().on("stream", (stream: ServerHttp2Stream) => {
    stream.resume().on("end", () => {
      stream.respond({ "content-type": "application/grpc", ...ODD }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "8", "grpc-message": "busy", ...ODD }));
      stream.end();
    });
  });
  await once(predictor.listen(0, "127.0.0.1"), "listening");
  return predictor;
}

test.each([
  ["written nowhere", {}, false],
  ["written where grpc-js is asked to", { GRPC_NODE_VERBOSITY: "ERROR" }, true],
])(
  "a predictor's headers of odd bytes are %s",
  async (_what, env, isWritten) => {
    const predictor = await startPredictor();
    writeFileSync(
      join(cwd, "plain.mjs"),
      'import { Transformer } from "kserve-transformer"; export default class extends Transformer {}',
    );
    const host = `127.0.0.1:${(predictor.address() as AddressInfo).port}`;
    const argv = ["plain.mjs", "--drain_seconds", "0", "--predictor_host", host, "--predictor_protocol", "grpc-v2"];
    const server = await startServe(argv, { cwd, env });
    const url = `${server.url}/v1/models/model:predict`;
    const { status } = await fetch(url, { method: "POST", body: '{"instances":[[1]]}' });
    const { stdout, stderr } = await server.end();
    predictor.close();
    expect(status).toBe(429);
    expect(stdout).not.toContain("secret");
    expect(stderr.includes("secret")).toBe(isWritten);
  },
  60_000,
);
