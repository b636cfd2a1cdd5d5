import { Buffer } from "node:buffer";
import { createCertificate } from "../../server/grpc/grpc-certificate.ts";
import { createEchoServer, type Respond, type RunningGrpc, runGrpc } from "../../server/grpc/grpc-fixtures.ts";
import { closers, connect, requestOf, serve, x } from "./started-predictor.ts";

const certificate = createCertificate();

(certificate === undefined ? describe.skip : describe)("TLS", () => {
  const tls = certificate ?? { cert: Buffer.alloc(0), key: Buffer.alloc(0) };

  async function serveTls(): Promise<number> {
    const server = await runGrpc(createEchoServer().server, { tls });
    closers.push(() => server.close(0));
    return server.port;
  }

  test("a certificate that is trusted, by name and by address", async () => {
    const port = await serveTls();
    for (const host of [`localhost:${port}`, `https://127.0.0.1:${port}`]) {
      const predictor = connect({ host, useSsl: true, ca: tls.cert.toString() });
      expect((await predictor.infer(requestOf([x]))).output().data).toEqual(x.data);
    }
  });

  test("the name of a headless service is checked, not the addresses behind it", async () => {
    const port = await serveTls();
    const lookup = async () => ["127.0.0.1"];
    const ca = tls.cert.toString();
    const wrong = connect({ host: `other.example:${port}`, useSsl: true, ca, lookup });
    await expect(wrong.infer(requestOf([x]))).rejects.toMatchObject({
      code: "bad_gateway",
      message: "no trusted TLS connection to the predictor",
    });
    await expect(
      connect({ host: `localhost:${port}`, useSsl: true, ca, lookup }).infer(requestOf([x])),
    ).resolves.toBeDefined();
  });

  test("a certificate that nobody vouches for is refused", async () => {
    const predictor = connect({ host: `localhost:${await serveTls()}`, useSsl: true });
    await expect(predictor.infer(requestOf([x]))).rejects.toMatchObject({
      code: "bad_gateway",
      message: "no trusted TLS connection to the predictor",
    });
  });
});

describe("addresses", () => {
  /** Servers on one port of several loopback addresses; each answers with its own name. */
  async function serveOn(addresses: readonly string[]) {
    const counts = new Map(addresses.map((address) => [address, 0]));
    const servers = new Map<string, RunningGrpc>();
    let port = 0;
    for (const address of addresses) {
      const respond: Respond = (request) => {
        counts.set(address, (counts.get(address) ?? 0) + 1);
        return request.reply({ outputs: [] });
      };
      const started = await serve(respond, address, port);
      port = started.port;
      servers.set(address, started.server);
    }
    return { counts, port, servers };
  }

  const THREE = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];

  async function until(condition: () => boolean, act: () => Promise<unknown>): Promise<void> {
    for (let i = 0; i < 2000 && !condition(); i++) {
      await act();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(condition()).toBe(true);
  }

  test("calls are spread over all addresses of the name", async () => {
    const { counts, port } = await serveOn(THREE);
    const predictor = connect({ host: `headless.example:${port}`, lookup: async () => THREE });
    await until(
      () => [...counts.values()].every((count) => count > 0),
      () => predictor.infer(requestOf([x])),
    );
    const before = new Map(counts);
    for (let i = 0; i < 30; i++) await predictor.infer(requestOf([x]));
    expect(THREE.map((address) => (counts.get(address) ?? 0) - (before.get(address) ?? 0))).toEqual([10, 10, 10]);
  });

  test("new pods get their share without a failure, and those that are gone get nothing", async () => {
    const { counts, port } = await serveOn(THREE);
    let addresses = THREE.slice(0, 1);
    const predictor = connect({
      host: `headless.example:${port}`,
      lookup: async () => addresses,
      refreshIntervalMs: 1001,
    });
    for (let i = 0; i < 5; i++) await predictor.infer(requestOf([x]));
    expect([...counts.values()]).toEqual([5, 0, 0]);
    addresses = THREE.slice(1);
    await until(
      () => counts.get("127.0.0.2") !== 0 && counts.get("127.0.0.3") !== 0,
      () => predictor.infer(requestOf([x])),
    );
    const first = counts.get("127.0.0.1");
    for (let i = 0; i < 10; i++) await predictor.infer(requestOf([x]));
    expect(counts.get("127.0.0.1")).toBe(first);
  });

  test("an address that is down is left out", async () => {
    const { counts, port, servers } = await serveOn(THREE);
    const predictor = connect({ host: `headless.example:${port}`, lookup: async () => THREE });
    await until(
      () => [...counts.values()].every((count) => count > 0),
      () => predictor.infer(requestOf([x])),
    );
    await servers.get("127.0.0.2")?.close(1000);
    for (let i = 0; i < 20; i++) await predictor.infer(requestOf([x]));
  });
});
