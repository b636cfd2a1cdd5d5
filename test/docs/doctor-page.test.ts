import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { createHttpPredictor } from "../../src/predictor/http/http-predictor.ts";
import { serve } from "../../src/server/serve.ts";
import type { ServeOptions } from "../../src/server/serve-options.ts";
import { startMockPredictor } from "../../src/testing/mock-predictor.ts";
import { Transformer } from "../../src/transformer/transformer.ts";
import { startGateway } from "../cli/doctor/gateway.ts";
import { createCertificate } from "../predictor/certificate.ts";
import { compareTranscript } from "./doctor-transcript.ts";

class Doubling extends Transformer {
  override preprocess(request: InferRequest): InferRequest {
    return request.withInstances(request.instances.map((row) => Number(row) * 2));
  }
}

const opened: { close(): unknown }[] = [];
let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "doctor-page-"));
  writeFileSync(join(cwd, "request.json"), '{"instances":[1,2]}');
});
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
  rmSync(cwd, { recursive: true });
});

async function start(options: Partial<ServeOptions> = {}): Promise<string> {
  const mock = await startMockPredictor();
  opened.push(mock);
  const predictor = createHttpPredictor({ host: mock.url, modelName: "clothes" });
  const log = createLogger({ level: "silent" });
  const own = { host: "127.0.0.1", port: 0, modelName: "clothes", log, predictor };
  const server = await serve(Doubling, { ...own, ...options });
  opened.push(server);
  await server.ready();
  return server.url;
}

interface Transcript {
  /** What the page shows in place of the server's address. */
  readonly shown: string;
  readonly flags: readonly string[];
  start(): Promise<string>;
}

const SERVICE = "http://localhost:8080";

const TRANSCRIPTS: Readonly<Record<string, Transcript>> = {
  well: { shown: SERVICE, flags: ["--input", "request.json"], start: () => start() },
  "wrong-model": { shown: SERVICE, flags: ["--model_name", "cloths"], start: () => start() },
  "no-predictor": {
    shown: SERVICE,
    flags: ["--input", "request.json"],
    start: () => start({ predictor: createHttpPredictor({ host: "127.0.0.1:1", modelName: "clothes" }) }),
  },
  gateway: {
    shown: "http://localhost:8081",
    flags: [],
    start: async () => {
      const strips = ["x-request-id", "inference-header-content-length"];
      const gateway = await startGateway(await start(), { strips });
      opened.push(gateway);
      return gateway.url;
    },
  },
  expired: {
    shown: "https://localhost:8443",
    flags: ["--ca_file", "ca.pem"],
    start: async () => {
      const tls = createCertificate({ days: -1 });
      writeFileSync(join(cwd, "ca.pem"), tls.cert);
      return start({ tls });
    },
  },
};

test.each(Object.entries(TRANSCRIPTS))(
  "the transcript %s of docs/doctor.md is what the command prints",
  async (name, transcript) => {
    const { shown, flags } = transcript;
    const url = (await transcript.start()).replace("127.0.0.1", "localhost");
    await compareTranscript(name, { url, shown, flags, cwd });
  },
);
