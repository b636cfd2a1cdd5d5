import { createServer as createTcpServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { createHttpPredictor } from "../../src/predictor/http/http-predictor.ts";
import type { HttpPredictorOptions } from "../../src/predictor/http/options.ts";
import { serve } from "../../src/server/serve.ts";
import { Transformer } from "../../src/transformer/transformer.ts";
import { createCertificate } from "../predictor/certificate.ts";
import { type RawServer, startRawServer } from "../predictor/raw-server.ts";
import { HTTP_FAULTS, type HttpFault } from "./http-faults.ts";
import { expectOnPage, type PageRow } from "./reliability-page.ts";

/** No hook: nothing is read. */
class Plain extends Transformer {}

/** Looks at the response, so that it is read. */
class Hooked extends Transformer {
  override postprocess(response: InferResponse): InferResponse {
    return response.withPredictions(response.predictions);
  }
}

const log = createLogger({ level: "silent" });
const WAYS = [Plain, Hooked] as const;

interface Seen {
  readonly status: string;
  readonly body: string;
  readonly headers: string;
  readonly milliseconds: number;
}

/** What a client of a whole server sees; the predictor is asked over a real socket. */
async function ask(model: (typeof WAYS)[number], options: HttpPredictorOptions): Promise<Seen> {
  const predictor = createHttpPredictor({ modelName: "m", ...options });
  const server = await serve(model, { host: "127.0.0.1", port: 0, modelName: "m", log, predictor });
  await server.ready();
  const started = performance.now();
  try {
    const response = await fetch(`${server.url}/v1/models/m:predict`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-request-id": "asked" },
      body: '{"instances":[1]}',
      signal: AbortSignal.timeout(10_000),
    });
    expect(response.headers.get("x-request-id")).toBe("asked");
    const kept = ["retry-after", "www-authenticate", "location", "content-type"].flatMap((name) => {
      const value = response.headers.get(name);
      return value === null ? [] : [`${name}: ${value}`];
    });
    const body = await response.text().catch(() => "(connection broken)");
    return {
      status: String(response.status),
      body,
      headers: kept.join(", "),
      milliseconds: performance.now() - started,
    };
  } finally {
    await server.close();
  }
}

function expectNothingInside({ body, headers }: Seen, port: number): void {
  for (const secret of ["127.0.0.1", String(port), "inside.example", "nowhere.invalid", "ECONN", "undici", "    at "]) {
    expect(`${headers} ${body}`).not.toContain(secret);
  }
}

const rows: PageRow[] = [];
const cell = (text: string) => (text === "" ? "–" : `\`${text.length > 90 ? `${text.slice(0, 60)}…` : text}\``);

async function expectFault(fault: string, port: number, options: HttpPredictorOptions): Promise<void> {
  const [passed, hooked] = [await ask(WAYS[0], options), await ask(WAYS[1], options)];
  for (const seen of [passed, hooked]) {
    expectNothingInside(seen, port);
    // The predictor's own 500 stays one, but it says so; nothing else becomes a 500.
    if (!fault.startsWith("500")) expect(seen.status).not.toBe("500");
    if (Number(seen.status) >= 400) expect(seen.body).not.toBe("");
    expect(seen.milliseconds).toBeLessThan(10_000);
  }
  rows.push({
    seen: [fault, passed.status, cell(passed.body), hooked.status, cell(hooked.body), cell(hooked.headers)],
    measured: [`${passed.milliseconds.toFixed(0)} / ${hooked.milliseconds.toFixed(0)}`],
  });
}

async function withServer(
  misbehave: HttpFault["misbehave"],
  run: (server: RawServer) => Promise<void>,
  listener?: Server,
): Promise<void> {
  const server = await startRawServer(misbehave, listener);
  try {
    await run(server);
  } finally {
    await server.close();
  }
}

describe("a predictor over HTTP that does wrong", () => {
  test.each(HTTP_FAULTS)("$fault", async ({ fault, misbehave, options = {} }) => {
    await withServer(misbehave, ({ url, port }) => expectFault(fault, port, { host: url, ...options }));
  });

  test("connection refused", async () => {
    const server = await startRawServer(() => undefined);
    await server.close();
    await expectFault("connection refused", server.port, { host: server.url });
  });

  test("a name that does not resolve", async () => {
    await expectFault("a name that does not resolve", 65_535, { host: "http://nowhere.invalid" });
  });

  const trusted = createCertificate();
  const tls = [
    { fault: "TLS: expired certificate", certificate: createCertificate({ days: -1 }) },
    { fault: "TLS: certificate of another host", certificate: createCertificate({ host: "other", ip: [10, 0, 0, 1] }) },
    { fault: "TLS: certificate that nobody trusts", certificate: trusted, ca: undefined },
    { fault: "TLS asked for, plain HTTP spoken", certificate: undefined },
  ];
  test.each(tls)("$fault", async ({ fault, certificate, ...rest }) => {
    const listener = certificate === undefined ? createTcpServer() : createTlsServer(certificate);
    if (certificate === undefined) listener.on("connection", (socket) => socket.end("HTTP/1.1 400 Bad\r\n\r\n"));
    const ca = "ca" in rest ? undefined : certificate?.cert;
    await withServer(
      () => undefined,
      ({ port }) => expectFault(fault, port, { host: `127.0.0.1:${port}`, useSsl: true, ca }),
      listener,
    );
  });

  test("docs/reliability.md says what was just seen", () => {
    expectOnPage(
      "faults-http",
      {
        seen: ["the predictor's fault", "unread", "body", "read by a hook", "body", "headers kept"],
        measured: ["ms, unread / read"],
      },
      rows,
    );
  });
});
