import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { type ServerName, startServer } from "./start-server.ts";

const outside = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ internal, family }) => !internal && family === "IPv4")?.address;

describe.each<[ServerName, string]>([
  ["kserve", "/v2/models/churn/ready"],
  ["mlserver", "/v2/models/churn/ready"],
  ["triton", "/v2/models/echo_fp64/ready"],
  ["torchserve", "/ping"],
])("the start script of %s", (name, readyPath) => {
  test("starts a server that serves its models on loopback alone, and stops it", async () => {
    const server = await startServer(name);
    try {
      expect((await fetch(`${server.url}${readyPath}`)).status).toBe(200);
      for (const port of [Number(new URL(server.url).port), Number(server.grpcAddress.split(":")[1])]) {
        await whenAccepted("127.0.0.1", port);
        if (outside !== undefined) expect(await accepts(outside, port)).toBe(false);
      }
    } finally {
      await server.stop();
    }
    await expect(fetch(server.url)).rejects.toThrow();
  });
});

/** A gRPC port may open a moment after the HTTP one. */
async function whenAccepted(host: string, port: number): Promise<void> {
  for (const until = Date.now() + 30_000; !(await accepts(host, port)); await wait(100)) {
    if (Date.now() > until) throw new Error(`nothing listens on ${host}:${port}`);
  }
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
