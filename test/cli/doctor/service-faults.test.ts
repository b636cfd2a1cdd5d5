import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InferRequest } from "../../../src/inference/infer-request.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { createHttpPredictor } from "../../../src/predictor/http/http-predictor.ts";
import { type ServerHandle, serve } from "../../../src/server/serve.ts";
import type { ServeOptions } from "../../../src/server/serve-options.ts";
import { type MockPredictor, startMockPredictor } from "../../../src/testing/mock-predictor.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";
import { createCertificate } from "../../predictor/certificate.ts";
import { type GatewayFault, startGateway } from "./gateway.ts";
import { faultsOf, runDoctor } from "./run-doctor.ts";

class Doubling extends Transformer {
  override preprocess(request: InferRequest): InferRequest {
    return request.withInstances(request.instances.map((row) => Number(row) * 2));
  }
}

class Unwell extends Doubling {
  override ready(): boolean {
    return false;
  }
}

const log = createLogger({ level: "silent" });
const metadata = { inputs: [{ name: "x", datatype: "FP32", shape: [-1] }], outputs: [] } as const;
const opened: { close(): unknown }[] = [];
let mock: MockPredictor;
let folder: string;

beforeAll(async () => {
  mock = await startMockPredictor({ metadata });
  folder = mkdtempSync(join(tmpdir(), "doctor-"));
  writeFileSync(join(folder, "request.json"), '{"instances":[1,2]}');
});
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});
afterAll(async () => {
  await mock.close();
  rmSync(folder, { recursive: true });
});

async function start(options: Partial<ServeOptions> = {}, model: new () => Transformer = Doubling): Promise<string> {
  const predictor = options.predictor ?? createHttpPredictor({ host: mock.url, modelName: "m" });
  const server: ServerHandle = await serve(model, {
    host: "127.0.0.1",
    port: 0,
    modelName: "m",
    log,
    predictor,
    ...options,
  });
  opened.push(server);
  await server.ready();
  return server.url;
}

async function behindGateway(fault: GatewayFault): Promise<string> {
  const gateway = await startGateway(await start(), fault);
  opened.push(gateway);
  return gateway.url;
}

/** A port on which something listens, or nothing does. */
async function listen(server: Server | ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.push(server);
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function withCertificate(options: Parameters<typeof createCertificate>[0]): Promise<string[]> {
  const tls = createCertificate(options);
  writeFileSync(join(folder, "ca.pem"), tls.cert);
  const url = await start({ tls });
  return [url, "--ca_file", join(folder, "ca.pem")];
}

const FAULTS: readonly (readonly [string, () => Promise<readonly string[]>, string, RegExp])[] = [
  ["a host that has no address", async () => ["http://nowhere.invalid:8080"], "service/dns", /ENOTFOUND|EAI_AGAIN/],
  ["a port where nothing listens", async () => [`127.0.0.1:${await freePort()}`], "service/tcp", /ECONNREFUSED/],
  ["an expired certificate", () => withCertificate({ days: -1 }), "service/tls", /ended on/],
  ["a certificate that soon ends", () => withCertificate({ days: 3 }), "service/tls", /ends in [23] days/],
  [
    "a certificate of another name",
    () => withCertificate({ days: 90, host: "other", ip: [10, 0, 0, 1] }),
    "service/tls",
    /not for 127\.0\.0\.1/,
  ],
  [
    "a certificate that nobody trusts",
    async () => (await withCertificate({ days: 90 })).slice(0, 1),
    "service/tls",
    /not trusted/,
  ],
  [
    "https where http is served",
    async () => [(await start()).replace("http:", "https:")],
    "service/tls",
    /does not speak TLS/,
  ],
  [
    "http where https is served",
    async () => [(await withCertificate({ days: 90 }))[0]?.replace("https:", "http:") ?? ""],
    "service/protocol",
    /no HTTP request/,
  ],
  [
    "a port that never answers",
    async () => [`127.0.0.1:${await listen(createTcpServer())}`, "--timeout_seconds", "0.3"],
    "service/protocol",
    /no HTTP request/,
  ],
  [
    "another web server",
    async () => [`127.0.0.1:${await listen(createServer((_in, out) => out.writeHead(404).end("<html>")))}`],
    "service/protocol",
    /no model service/,
  ],
  [
    "a gateway that sends to a login page",
    () => gatewayThat((out) => out.writeHead(302, { location: "https://login.example" }).end()),
    "service/protocol",
    /login\.example/,
  ],
  [
    "missing credentials",
    async () => [await start({ authentication: { apiKeys: ["k"] } })],
    "service/credentials",
    /401/,
  ],
  [
    "a wrong model name",
    async () => [await start(), "--model_name", "n"],
    "service/model",
    /there is no model 'n'; there is m/,
  ],
  ["a model that says it is not ready", async () => [await start({}, Unwell)], "service/readiness", /not ready \(503/],
  [
    "a predictor that is not there",
    async () => [await start(await nowhere()), "--input", join(folder, "request.json")],
    "service/predictor",
    /the request: 503/,
  ],
  ["a predictor without the model", unknownModel, "service/predictor", /404/],
  ["a request that the model refuses", async () => [await start(), "--input", badInput()], "service/predictor", /400/],
  [
    "a gateway that strips the request's id",
    async () => [await behindGateway({ strips: ["x-request-id"] })],
    "service/headers",
    /x-request-id is lost/,
  ],
  [
    "a gateway that strips binary's header",
    async () => [await behindGateway({ strips: ["inference-header-content-length"] })],
    "service/headers",
    /binary tensors/,
  ],
  [
    "a clock that is behind",
    async () => [await behindGateway({ clockSeconds: -300 })],
    "service/clock",
    /(299|300|301) s behind/,
  ],
];

async function gatewayThat(
  answers: (outgoing: Parameters<NonNullable<GatewayFault["answers"]>>[1]) => void,
): Promise<string[]> {
  return [await behindGateway({ answers: (_incoming, outgoing) => answers(outgoing) })];
}

async function unknownModel(): Promise<string[]> {
  const predictor = await startMockPredictor();
  opened.push(predictor);
  predictor.fail({ status: 404, body: '{"error":"no model m"}' });
  const url = await start({ predictor: createHttpPredictor({ host: predictor.url, modelName: "m" }) });
  return [url, "--input", join(folder, "request.json")];
}

async function nowhere(): Promise<Partial<ServeOptions>> {
  return { predictor: createHttpPredictor({ host: `127.0.0.1:${await freePort()}`, modelName: "m" }) };
}

function badInput(): string {
  writeFileSync(join(folder, "bad.json"), '{"rows":[1]}');
  return join(folder, "bad.json");
}

test.each(FAULTS)("%s is found, and nothing else, with a sentence that fixes it", async (_fault, seed, check, said) => {
  const run = await runDoctor(await seed());
  expect(faultsOf(run)).toEqual([check]);
  const finding = run.findings.find(({ state }) => state === "error" || state === "warning");
  expect(finding?.message).toMatch(said);
  expect(finding?.fix).toMatch(/^[A-Z].*\.$/);
  expect(run.code).toBe(finding?.state === "error" ? 1 : 0);
});

test("a service that is well has no faults, and the credentials and the request that were given go along", async () => {
  const url = await start({ authentication: { apiKeys: ["k"] } });
  const run = await runDoctor([url, "--header", "x-api-key: k", "--input", join(folder, "request.json")]);
  expect(faultsOf(run)).toEqual([]);
  expect(run.code).toBe(0);
  expect(run.findings.map(({ check, state }) => `${check} ${state}`)).toEqual([
    "service/tcp ok",
    "service/protocol ok",
    "service/clock ok",
    "service/model ok",
    "service/grpc ok",
    "service/readiness ok",
    "service/predictor ok",
    "service/headers ok",
  ]);
});
