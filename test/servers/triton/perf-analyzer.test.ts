import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type ServerHandle, serve, type TensorSpec, Transformer } from "kserve-transformer";
import { createLogger } from "kserve-transformer/observability";
import { createEchoPredictor } from "kserve-transformer/predictor";
import { venvOf } from "../start-server.ts";

const run = promisify(execFile);
const folder = venvOf("perf-analyzer");
const analyzer = join(folder, "bin/perf_analyzer");
const cuda = join(folder, "lib/python3.11/site-packages/nvidia/cuda_runtime/lib");
const env = { ...process.env, LD_LIBRARY_PATH: [cuda, process.env["LD_LIBRARY_PATH"]].filter(Boolean).join(":") };
/** Its last release in a Python package wants libb64.so.0d, which comes from the distribution: apt install libb64-0d. */
const starts = spawnSync(analyzer, ["--version"], { env }).status === 0;

class Plain extends Transformer {
  override readonly inputs: readonly TensorSpec[] = [{ name: "x", datatype: "FP32", shape: [-1, 4] }];
  override readonly outputs: readonly TensorSpec[] = this.inputs;
}

let service: ServerHandle;
beforeAll(async () => {
  const model = { transformer: Plain, predictor: createEchoPredictor() };
  service = await serve({ plain: model }, { host: "127.0.0.1", port: 0, log: createLogger({ level: "error" }) });
  await service.ready();
});
afterAll(() => service.close());

(starts ? test : test.skip).each(["http", "grpc"])(
  "Triton's perf_analyzer measures us over %s, and counts what we count",
  async (protocol) => {
    const address = protocol === "http" ? service.url.replace("http://", "") : String(service.grpcUrl);
    const argv = ["-m", "plain", "-u", address, "-i", protocol, "--shape", "x:1,4", "--concurrency-range", "4"];
    // Windows of so many requests; how far they agree is not what is tested.
    const windows = ["--measurement-mode", "count_windows", "--measurement-request-count", "50", "-s", "999"];
    const { stdout } = await run(analyzer, [...argv, ...windows], { env, timeout: 60_000 });
    const numberOf = (label: string): number => Number(new RegExp(`${label}: ([\\d.]+)`).exec(stdout)?.[1]);
    const [client, server] = [numberOf("  Request count"), numberOf("Successful request count")];
    expect(client).toBeGreaterThanOrEqual(50);
    expect(numberOf("Inference count")).toBe(server);
    expect(numberOf("Execution count")).toBe(server);
    // What is in flight at the ends of a window is counted by one side.
    expect(Math.abs(server - client)).toBeLessThanOrEqual(8 * 3);
    expect(numberOf("throughput")).toBeGreaterThan(0);
  },
);
