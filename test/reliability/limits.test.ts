import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { gzipSync } from "node:zlib";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { createHttpPredictor } from "../../src/predictor/http/http-predictor.ts";
import { type ServerHandle, serve } from "../../src/server/serve.ts";
import type { ServeOptions } from "../../src/server/serve-options.ts";
import { startMockPredictor } from "../../src/testing/mock-predictor.ts";
import { Transformer } from "../../src/transformer/transformer.ts";
import { expectOnPage, type PageRow } from "./reliability-page.ts";

/** Reads rows and columns, as a hook may. */
class Reader extends Transformer {
  override predict(request: InferRequest): InferResponse {
    for (const { data } of request.inputs) void data;
    return request.reply({ predictions: request.instances });
  }
}

const log = createLogger({ level: "silent" });
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(options: ServeOptions, model: new () => Transformer = Reader): Promise<ServerHandle> {
  const server = await serve(model, { host: "127.0.0.1", port: 0, modelName: "m", log, ...options });
  closers.push(() => server.close());
  await server.ready();
  return server;
}

const post = (
  url: string,
  path: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: "POST",
    body: body as string,
    headers: { "content-type": "application/json", ...headers },
  });

const rows: PageRow[] = [];
const V1 = "/v1/models/m:predict";
const V2 = "/v2/models/m/infer";

interface LimitCase {
  readonly what: string;
  readonly flag: string;
  readonly options: ServeOptions;
  readonly path?: string;
  readonly body: string | Uint8Array;
  readonly headers?: Record<string, string>;
  readonly status: number;
  readonly says: RegExp;
}

const tensors = (count: number): string =>
  JSON.stringify({
    inputs: Array.from({ length: count }, (_, i) => ({ name: `x${i}`, datatype: "FP32", shape: [1], data: [1] })),
  });

const CASES: readonly LimitCase[] = [
  {
    what: "body as sent",
    flag: "max_body_bytes",
    options: { limits: { maxBodyBytes: 100 } },
    body: JSON.stringify({ instances: ["x".repeat(200)] }),
    status: 413,
    says: /limit is 100 \(max_body_bytes\)/,
  },
  {
    what: "body, decompressed",
    flag: "max_body_bytes",
    options: { limits: { maxBodyBytes: 1000 } },
    body: gzipSync(JSON.stringify({ instances: ["x".repeat(10_000)] })),
    headers: { "content-encoding": "gzip" },
    status: 413,
    says: /limit of 1000 bytes after decompression \(max_body_bytes\)/,
  },
  {
    what: "JSON depth",
    flag: "max_json_depth",
    options: { limits: { maxJsonDepth: 8 } },
    body: `{"instances":${"[".repeat(20)}1${"]".repeat(20)}}`,
    status: 400,
    says: /8.*\(max_json_depth\)/,
  },
  {
    what: "instances",
    flag: "max_instances",
    options: { limits: { maxInstances: 3 } },
    body: '{"instances":["a","b","c","d"]}',
    status: 400,
    says: /3.*\(max_instances\)/,
  },
  {
    what: "tensors, V2",
    flag: "max_tensors",
    options: { limits: { maxTensors: 2 } },
    path: V2,
    body: tensors(3),
    status: 400,
    says: /2 tensors.*\(max_tensors\)/,
  },
  {
    what: "elements, V2",
    flag: "max_elements",
    options: { limits: { maxElements: 10 } },
    path: V2,
    body: '{"inputs":[{"name":"x","datatype":"FP32","shape":[11],"data":[1,2,3,4,5,6,7,8,9,10,11]}]}',
    status: 400,
    says: /10.*\(max_elements\)/,
  },
  {
    what: "elements, V1",
    flag: "max_elements",
    options: { limits: { maxElements: 10 } },
    body: '{"instances":[[1,2,3,4,5,6],[1,2,3,4,5,6]]}',
    status: 400,
    says: /10.*\(max_elements\)/,
  },
  {
    what: "elements of BYTES, over all tensors",
    flag: "max_elements",
    options: {},
    path: V2,
    body: JSON.stringify({
      inputs: ["x", "y"].map((name) => ({ name, datatype: "BYTES", shape: [600_000], data: [] })),
    }),
    status: 400,
    says: /1048576.*\(max_elements/,
  },
  {
    what: "elements of a huge shape without data",
    flag: "max_elements",
    options: {},
    path: V2,
    body: '{"inputs":[{"name":"x","datatype":"FP32","shape":[1000000,1000000],"data":[1]}]}',
    status: 400,
    says: /\(max_elements\)/,
  },
];

describe("a request beyond a limit, over a real socket", () => {
  test.each(CASES)(
    "$what: the error names $flag",
    async ({ what, flag, options, path = V1, body, headers, ...expected }) => {
      const { url } = await start(options);
      const response = await post(url, path, body, headers);
      const { error } = (await response.json()) as { error: string };
      expect(error).toMatch(expected.says);
      expect(response.status).toBe(expected.status);
      rows.push({ seen: [what, `\`--${flag}\``, String(response.status), `\`${error}\``] });
    },
  );

  test("requests beyond max_concurrency and max_queue get 503, Retry-After and both numbers", async () => {
    const finish: (() => void)[] = [];
    class Slow extends Transformer {
      override async predict(request: InferRequest): Promise<InferResponse> {
        await new Promise<void>((resolve) => finish.push(resolve));
        return request.reply({ predictions: [1] });
      }
    }
    const { url } = await start({ maxConcurrency: 1, maxQueue: 1 }, Slow);
    const calls = [1, 2, 3].map(() => post(url, V1, '{"instances":[1]}'));
    const refused = await Promise.race(calls);
    const { error } = (await refused.json()) as { error: string };
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(error).toMatch(/max_concurrency.*max_queue/);
    rows.push({ seen: ["requests at once", "`--max_concurrency`, `--max_queue`", "503", `\`${error}\``] });
    while (finish.length === 0) await new Promise((resolve) => setImmediate(resolve));
    finish[0]?.();
    while (finish.length === 1) await new Promise((resolve) => setImmediate(resolve));
    finish[1]?.();
    expect((await Promise.all(calls)).map(({ status }) => status).sort()).toEqual([200, 200, 503]);
  });

  test("a predictor's response beyond max_response_bytes is a 502 that names it", async () => {
    const mock = await startMockPredictor({ answer: () => ({ predictions: ["x".repeat(5000)] }) });
    closers.push(() => mock.close());
    const predictor = createHttpPredictor({ host: mock.url, modelName: "m", maxResponseBytes: 1000 });
    class Hooked extends Transformer {
      override postprocess(response: InferResponse): InferResponse {
        return response.withPredictions(response.predictions);
      }
    }
    const { url } = await start({ predictor }, Hooked);
    const response = await post(url, V1, '{"instances":[1]}');
    const { error } = (await response.json()) as { error: string };
    expect(response.status).toBe(502);
    expect(error).toMatch(/larger than 1000 bytes \(max_response_bytes\)/);
    rows.push({ seen: ["predictor's response", "`--max_response_bytes`", "502", `\`${error}\``] });
  });
});

/** What a raw connection gets until the server closes it. */
async function converse(port: number, parts: readonly string[], drip?: string): Promise<string> {
  const socket = connectSocket(port, "127.0.0.1");
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
  });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  for (const part of parts) socket.write(part);
  const timer = drip === undefined ? undefined : setInterval(() => socket.write(drip), 20);
  await once(socket, "close");
  clearInterval(timer);
  return text.split("\r\n")[0] ?? "";
}

describe("slow and large heads and bodies on the shared port", () => {
  const head = `POST ${V1} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`;

  test("a head beyond max_header_bytes is a 431", async () => {
    const { port } = await start({ maxHeaderBytes: 2048 });
    const line = await converse(port, [`${head}x-large: ${"x".repeat(5000)}\r\n\r\n`]);
    expect(line).toBe("HTTP/1.1 431 Request Header Fields Too Large");
    rows.push({ seen: ["request head", "`--max_header_bytes`", "431", "–"] });
  });

  test("a connection that says nothing, and one that says half a preface, is closed", async () => {
    const { port } = await start({ headersTimeoutMs: 100 });
    expect(await converse(port, [])).toBe("");
    expect(await converse(port, ["PRI * "])).toBe("");
    rows.push({ seen: ["a connection that says nothing", "`--header_timeout_seconds`", "closed", "–"] });
  });

  test("a head that comes drop by drop is a 408 and a closed connection", async () => {
    const { port } = await start({ headersTimeoutMs: 300, receiveTimeoutMs: 1000 });
    expect(await converse(port, [head], "x: y\r\n")).toBe("HTTP/1.1 408 Request Timeout");
    rows.push({ seen: ["a slow head", "`--header_timeout_seconds`", "408", "–"] });
  });

  test("a body that comes drop by drop is a 408 and a closed connection", async () => {
    const { port } = await start({ headersTimeoutMs: 300, receiveTimeoutMs: 600 });
    expect(await converse(port, [`${head}content-length: 100000\r\n\r\n{`], " ")).toBe("HTTP/1.1 408 Request Timeout");
    rows.push({ seen: ["a slow body", "`--receive_timeout_seconds`", "408", "–"] });
  });

  test("docs/reliability.md says what was just seen", () => {
    expectOnPage("limits", { seen: ["beyond the limit", "flag", "answer", "error"] }, rows);
  });
});
