import { createTensor, type InferRequest, type ServerHandle, serve, Transformer } from "kserve-transformer";
import { createHttpPredictor } from "../../src/predictor/http/http-predictor.ts";
import { type MockPredictor, startMockPredictor } from "../../src/testing/mock-predictor.ts";

/** What a hook makes wrong of a request that is sound. */
const FAULTS: Record<string, (request: InferRequest) => unknown> = {
  "a NaN in a row": (request) => request.withInstances([[Number.NaN]]),
  "a typed array as a row": (request) => request.withInstances([new Float32Array(2) as never]),
  "ragged rows": (request) => request.withInstances([[1], [1, 2]]).inputs,
  "a wrong length": (request) => request.withInputs([createTensor("x", "FP32", [3], new Float32Array(2))]),
  "another array": (request) =>
    request.withInputs([createTensor("x", "FP32", [2], new Float64Array(2) as unknown as Float32Array)]),
  "a promise": (request) =>
    request.withInputs([Promise.resolve(createTensor("x", "FP32", [1], new Float32Array(1))) as never]),
  "a NaN in a tensor": (request) =>
    request.withInputs([createTensor("x", "FP32", [1], new Float32Array([Number.NaN]))]),
  "a parameter without a place": (request) => request.withParameters({ instances: 1 }),
  "an error of its own": () => {
    throw new TypeError("secret");
  },
};

class Faulty extends Transformer {
  override preprocess(request: InferRequest): InferRequest {
    const [fault] = request.instances as string[];
    return FAULTS[fault as string]?.(request) as InferRequest;
  }
}

let predictor: MockPredictor;
let handle: ServerHandle;
const lines: { message: string; stack: string }[] = [];

beforeAll(async () => {
  predictor = await startMockPredictor({});
  const keep = (details: object, message = ""): void => {
    const { err } = details as { err?: Error };
    lines.push({ message, stack: `${err?.stack}${(err?.cause as Error | undefined)?.stack}` });
  };
  const log = {
    trace: () => undefined,
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: keep,
    child: () => log,
  };
  const client = createHttpPredictor({ host: predictor.url, protocol: "v1", modelName: "m" });
  handle = await serve({ m: { transformer: Faulty, predictor: client } }, { port: 0, host: "127.0.0.1", log });
});

afterAll(async () => {
  await handle?.close();
  await predictor?.close();
});

test.each(Object.keys(FAULTS))("%s is a 500 with the hook's stack in the log", async (fault) => {
  lines.length = 0;
  const response = await fetch(`${handle.url}/v1/models/m:predict`, {
    method: "POST",
    body: JSON.stringify({ instances: [fault] }),
  });
  const body = (await response.json()) as { error: string };
  expect([response.status, lines.length]).toEqual([500, 1]);
  expect(body.error).not.toMatch(/secret/);
  // What is found only when the request is written has the place in its message instead.
  if (!/NaN|parameter/.test(fault)) expect(lines[0]?.stack).toMatch(/hook-faults\.test/);
});

test("what the client sent wrong stays a 400, also when the hook hands it on", async () => {
  class HandsOn extends Transformer {
    override preprocess(request: InferRequest): InferRequest {
      return request.withInputs(request.inputs);
    }
  }
  const client = createHttpPredictor({ host: predictor.url, protocol: "v1", modelName: "m" });
  const other = await serve({ m: { transformer: HandsOn, predictor: client } }, { port: 0, host: "127.0.0.1" });
  const response = await fetch(`${other.url}/v2/models/m/infer`, {
    method: "POST",
    body: '{"inputs":[{"name":"x","shape":[1],"datatype":"INT32","data":[1.5]}]}',
  });
  expect([response.status, await response.text()]).toEqual([400, expect.stringMatching(/tensor 'x'/)]);
  await other.close();
});
