import { connect } from "node:net";
import { networkInterfaces } from "node:os";
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
        expect(await accepts("127.0.0.1", port)).toBe(true);
        if (outside !== undefined) expect(await accepts(outside, port)).toBe(false);
      }
    } finally {
      await server.stop();
    }
    await expect(fetch(server.url)).rejects.toThrow();
  });
});

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
