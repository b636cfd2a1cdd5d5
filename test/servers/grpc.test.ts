import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  type InferRequest,
  type InferResponse,
  type Predictor,
  type ServeOptions,
  serve,
  type Tensor,
  Transformer,
} from "kserve-transformer";
import { createEchoPredictor, createPredictor } from "kserve-transformer/predictor";
import { v1Request, v2Request } from "kserve-transformer/testing";
import { ask } from "./ask.ts";
import { bitsOf, ECHOED, sampleTensor } from "./sample-tensor.ts";
import { pythonOf, type RunningServer, type ServerName, startServer } from "./start-server.ts";

const run = promisify(execFile);
const script = (name: string) => fileURLToPath(new URL(`./clients/${name}`, import.meta.url));

/** Reads every tensor and sends its elements on, so that nothing is handed on unread. */
class Rebuild extends Transformer {
  override preprocess(request: InferRequest): InferRequest {
    return request.withInputs(
      request.inputs.map(({ name, datatype, shape, data }) => ({ name, datatype, shape, data }) as Tensor),
    );
  }

  override postprocess(response: InferResponse): InferResponse {
    return response.withOutputs(response.outputs);
  }
}

/** No hook: messages of a gRPC client pass unread. */
class PassThrough extends Transformer {}

/** Never answers; ends when its client does. */
class Slow extends Transformer {
  override predict(_: InferRequest, { signal }: { readonly signal: AbortSignal }): Promise<InferResponse> {
    return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  }
}

async function withService<T>(
  transformer: new () => Transformer,
  predictor: Predictor,
  use: (service: { readonly url: string; readonly grpcUrl: string }) => Promise<T>,
  options: Partial<ServeOptions> = {},
): Promise<T> {
  const models = { echo: { transformer, predictor }, slow: { transformer: Slow } };
  const service = await serve(models, { host: "127.0.0.1", port: 0, ...options });
  try {
    await service.ready();
    return await use({ url: service.url, grpcUrl: service.grpcUrl ?? "" });
  } finally {
    await service.close();
  }
}

async function askClient(server: ServerName, file: string, address: string) {
  const { stdout } = await run(pythonOf(server), [script(file), address], { timeout: 60_000 });
  return JSON.parse(stdout);
}

const ALL_TRITON = [...ECHOED, "BF16"].flatMap((datatype) => [`${datatype} [6]`, `${datatype} [2, 1, 3]`]);

describe("real gRPC clients on the shared port", () => {
  test("tritonclient: every datatype, compression, deadlines, metadata, repository", async () => {
    const seen = await withService(
      Rebuild,
      createEchoPredictor(),
      ({ grpcUrl }) => askClient("triton", "triton_grpc_client.py", grpcUrl),
      { modelControl: true, authentication: { apiKeys: ["a-key-of-the-test"] } },
    );
    expect(seen.different).toEqual([]);
    expect(seen.echoed).toEqual(ALL_TRITON);
    expect(seen).toMatchObject({
      wanted: ["b"],
      gzip: [1, 2],
      deflate: [1, 2],
      async: [1, 2],
      live: true,
      ready: [true, true],
      server: "kserve-transformer",
      metadata: { name: "echo" },
      index: {
        models: [
          { name: "echo", state: "READY" },
          { name: "slow", state: "READY" },
        ],
      },
      withoutKey: "StatusCode.UNAUTHENTICATED",
      unloaded: false,
      loaded: true,
      errors: {
        "unknown model": ["StatusCode.NOT_FOUND", "model 'nope' does not exist: GET /v1/models names those that do"],
        "unknown output": ["StatusCode.INVALID_ARGUMENT", expect.stringContaining("'z'")],
        deadline: ["StatusCode.DEADLINE_EXCEEDED", expect.anything()],
        "trace settings": ["StatusCode.UNIMPLEMENTED", expect.anything()],
      },
    });
  });

  test("KServe's InferenceGRPCClient: raw and typed contents", async () => {
    const seen = await withService(Rebuild, createEchoPredictor(), ({ grpcUrl }) =>
      askClient("kserve", "kserve_grpc_client.py", grpcUrl),
    );
    expect(seen.different).toEqual([]);
    expect(seen.echoed).toHaveLength(17);
    expect(seen).toMatchObject({
      live: true,
      ready: [true, true],
      "unknown model": ["StatusCode.NOT_FOUND", "model 'nope' does not exist: GET /v1/models names those that do"],
    });
  });
});

describe.each<ServerName>(["triton", "kserve", "mlserver"])("%s behind gRPC", (name) => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(name);
  });
  afterAll(() => server?.stop());

  const modelOf = (datatype: string, rank: number): string =>
    name === "triton" ? `echo_${datatype.toLowerCase()}${rank === 3 ? "_3d" : ""}` : "echo";
  const predictorOf = (model: string): Promise<Predictor> =>
    createPredictor(server.grpcAddress, { protocol: "grpc-v2", modelName: "echo", predictorModelName: model });

  test.each(Object.entries({ Rebuild, PassThrough }))(
    "%s: every datatype comes back to the bit",
    async (_, transformer) => {
      for (const datatype of ECHOED) {
        for (const shape of [[6], [2, 1, 3]]) {
          await withService(transformer, await predictorOf(modelOf(datatype, shape.length)), async ({ url }) => {
            const input = sampleTensor("INPUT0", datatype, shape);
            const answer = await ask(url, "echo", v2Request([input], { binary: true }));
            expect([datatype, answer.status]).toEqual([datatype, 200]);
            expect([datatype, bitsOf(answer.response.output())]).toEqual([datatype, bitsOf(input)]);
          });
        }
      }
    },
  );

  test("rows of a V1 client become the datatypes of the model", async () => {
    const rows = { FP64: [0.5, -1, 1e300], BOOL: [true, false, true], BYTES: ["a", "東京", ""] };
    for (const [datatype, instances] of Object.entries(rows)) {
      await withService(PassThrough, await predictorOf(modelOf(datatype, 1)), async ({ url }) => {
        const { status, json } = await ask(url, "echo", v1Request({ instances }));
        expect([status, json]).toEqual([200, { predictions: instances }]);
      });
    }
  });

  test("readiness, and an unknown model", async () => {
    const ready = await predictorOf(modelOf("FP32", 1));
    expect(await ready.ready()).toBe(true);
    await ready.close();
    const unknown = await predictorOf("nope");
    expect(await unknown.ready()).toBe(false);
    await withService(PassThrough, unknown, async ({ url }) => {
      const { status, json } = await ask(url, "echo", v2Request([sampleTensor("INPUT0", "FP32", [6])]));
      expect([status, String(json["error"])]).toEqual([404, expect.stringContaining("nope")]);
    });
  });

  if (name !== "triton") {
    test.each(Object.entries({ Rebuild, PassThrough }))(
      "%s: a client's messages pass through",
      async (_, transformer) => {
        const seen = await withService(transformer, await predictorOf("echo"), ({ grpcUrl }) =>
          askClient("kserve", "kserve_grpc_client.py", grpcUrl),
        );
        expect(seen.different).toEqual([]);
        expect(seen.echoed).toHaveLength(17);
      },
    );
  }
});
