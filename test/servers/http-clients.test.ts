import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  type InferRequest,
  type InferResponse,
  type ServerHandle,
  serve,
  type Tensor,
  Transformer,
} from "kserve-transformer";
import { createLogger } from "kserve-transformer/observability";
import { createEchoPredictor } from "kserve-transformer/predictor";
import { pythonOf, type ServerName, venvOf } from "./start-server.ts";

const run = promisify(execFile);
const script = (name: string) => fileURLToPath(new URL(`./clients/${name}`, import.meta.url));

/** Reads every tensor and sends its elements on, so that nothing is handed on unread. */
class Rebuild extends Transformer {
  override preprocess(request: InferRequest): InferRequest {
    if (request.values.native === "rows") return request;
    return request.withInputs(
      request.inputs.map(({ name, datatype, shape, data }) => ({ name, datatype, shape, data }) as Tensor),
    );
  }

  override postprocess(response: InferResponse): InferResponse {
    return response;
  }
}

let service: ServerHandle;
beforeAll(async () => {
  const log = createLogger({ level: "error" });
  service = await serve(
    { echo: { transformer: Rebuild, predictor: createEchoPredictor() } },
    { host: "127.0.0.1", port: 0, log },
  );
  await service.ready();
});
afterAll(() => service.close());

async function askClient(server: ServerName, file: string, address: string) {
  const { stdout } = await run(pythonOf(server), [script(file), address], { timeout: 60_000 });
  return JSON.parse(stdout);
}

describe("real HTTP clients", () => {
  test("tritonclient.http: binary and JSON, compression, metadata, repository", async () => {
    const seen = await askClient("triton", "triton_http_client.py", service.url.replace("http://", ""));
    const integers = ["BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64"];
    expect(seen.different).toEqual([]);
    expect(seen.echoed.filter((cell: string) => cell.endsWith("binary"))).toHaveLength(14);
    expect(seen.echoed).toEqual(expect.arrayContaining(integers.map((datatype) => `${datatype} JSON`)));
    expect(seen).toMatchObject({
      gzip: [1, 2],
      deflate: [1, 2],
      live: true,
      ready: [true, true],
      metadata: "echo",
      extensions: expect.arrayContaining(["binary_tensor_data"]),
      index: ["READY"],
      "unknown model": ["404", "model 'nope' does not exist: GET /v1/models names those that do"],
    });
  });

  test("KServe's InferenceRESTClient: V1, V2 JSON and binary", async () => {
    const seen = await askClient("kserve", "kserve_rest_client.py", service.url);
    expect(seen.different).toEqual([]);
    expect(seen.echoed).toHaveLength(12);
    expect(seen.v1).toEqual({
      predictions: [
        [1, 2.5],
        [3, 4],
      ],
    });
    expect([seen.live, ...seen.ready]).toEqual([true, true, true, true]);
  });
});

test("schemathesis finds no 5xx and no undocumented status behind the published OpenAPI document", async () => {
  const checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
  const args = ["run", `${service.url}/openapi.json`, "-c", checks, "--max-time", "30", "--seed", "1"];
  const { stdout } = await run(`${venvOf("schemathesis")}/bin/schemathesis`, args, {
    // It keeps what it generated beside itself.
    cwd: mkdtempSync(join(tmpdir(), "schemathesis-")),
    timeout: 300_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(stdout).toMatch(/Tested: 2\d/);
  expect(stdout).not.toMatch(/FAILURES/);
});
