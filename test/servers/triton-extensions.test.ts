import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type ServerHandle, serve, type TensorSpec, Transformer } from "kserve-transformer";
import { createLogger } from "kserve-transformer/observability";
import { createCachingPredictor, createEchoPredictor } from "kserve-transformer/predictor";
import { ECHOED } from "./sample-tensor.ts";
import { pythonOf } from "./start-server.ts";

const run = promisify(execFile);
const script = fileURLToPath(new URL("./clients/triton_extensions.py", import.meta.url));
const DATATYPES = [...ECHOED, "BF16"] as const;

class Plain extends Transformer {}

/** Declares a tensor of each datatype. */
class Every extends Transformer {
  override readonly inputs: readonly TensorSpec[] = DATATYPES.map((datatype) => ({
    name: datatype,
    datatype,
    shape: [-1, 3],
  }));
  override readonly outputs: readonly TensorSpec[] = [{ name: "y", datatype: "BYTES", shape: [-1] }];
}

let service: ServerHandle;
beforeAll(async () => {
  const echo = createEchoPredictor();
  const predictor = createCachingPredictor(echo, { cacheBytes: 1, cacheTtlSeconds: 1, coalesce: false });
  service = await serve(
    { plain: { transformer: Plain, predictor }, every: { transformer: Every, predictor } },
    { host: "127.0.0.1", port: 0, log: createLogger({ level: "error" }) },
  );
  await service.ready();
});
afterAll(() => service.close());

test("tritonclient reads configuration and statistics over HTTP and gRPC", async () => {
  const addresses = [service.url.replace("http://", ""), service.grpcUrl ?? ""];
  const { stdout } = await run(pythonOf("triton"), [script, ...addresses], { timeout: 60_000 });
  const { http, grpc } = JSON.parse(stdout);
  const extensions = expect.arrayContaining(["statistics", "model_configuration"]);
  const types = DATATYPES.map((name) => ({ name, data_type: `TYPE_${name === "BYTES" ? "STRING" : name}` }));
  expect(http).toMatchObject({
    extensions,
    config: {
      name: "every",
      max_batch_size: 0,
      input: types.map((type) => ({ ...type, dims: [-1, 3] })),
      output: [{ name: "y", data_type: "TYPE_STRING", dims: [-1] }],
    },
    statistics: { model_stats: [{ name: "plain", version: "1", inference_count: 1, execution_count: 1 }] },
    version: { model_stats: [{ name: "plain", version: "3", inference_stats: { success: { count: 1 } } }] },
    all: { model_stats: [{ name: "plain" }, { name: "every", inference_count: 0 }] },
  });
  // Protobuf's JSON has 64-bit integers as text, and leaves zeros out.
  expect(grpc).toMatchObject({
    extensions,
    config: {
      config: {
        name: "every",
        input: types.map((type) => ({ ...type, dims: ["-1", "3"] })),
        output: [{ name: "y", data_type: "TYPE_STRING", dims: ["-1"] }],
        response_cache: { enable: true },
      },
    },
    statistics: { model_stats: [{ name: "plain", version: "1", inference_count: "2", execution_count: "2" }] },
    version: { model_stats: [{ version: "3", batch_stats: [{ batch_size: "1", compute_infer: { count: "2" } }] }] },
    all: { model_stats: [{ name: "plain" }, { name: "every" }] },
  });
});
