import type { InferRequest } from "../../../src/inference/infer-request.ts";
import type { InferResponse } from "../../../src/inference/infer-response.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { createHttpPredictor } from "../../../src/predictor/http/http-predictor.ts";
import { type ServerHandle, serve } from "../../../src/server/serve.ts";
import { type MockPredictor, startMockPredictor } from "../../../src/testing/mock-predictor.ts";
import { Transformer } from "../../../src/transformer/transformer.ts";

class Hooked extends Transformer {
  override predict(request: InferRequest): InferResponse {
    return request.reply({ predictions: request.instances });
  }
}
class Plain extends Transformer {}

let predictor: MockPredictor;
let hooked: ServerHandle;
let plain: ServerHandle;
let guarded: ServerHandle;

beforeAll(async () => {
  const options = { host: "127.0.0.1", port: 0, log: createLogger({ level: "silent" }), modelName: "flowers" };
  predictor = await startMockPredictor({});
  hooked = await serve(Hooked, options);
  const client = createHttpPredictor({ host: predictor.url, protocol: "v1", modelName: "flowers" });
  plain = await serve(Plain, { ...options, predictor: client });
  guarded = await serve(Hooked, { ...options, authentication: { apiKeys: ["a".repeat(40)] } });
  await Promise.all([hooked.ready(), plain.ready(), guarded.ready()]);
});

afterAll(async () => {
  for (const each of [hooked, plain, guarded, predictor]) await each?.close();
});

const FORM = "application/x-www-form-urlencoded";
const ROWS = '{"instances":[1]}';
const TENSORS = '{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}';

async function post(server: ServerHandle, path: string, body: string, type = "application/json") {
  const response = await fetch(server.url + path, { method: "POST", body, headers: { "content-type": type } });
  const { error } = (await response.json()) as { error: string };
  return [response.status, error];
}

test.each([
  ["/v1/models/flowers:predict", "application/json", 'expected a JSON body such as {"instances": [1]}, got no body'],
  ["/v1/models/flowers:predict", FORM, 'expected a JSON body such as {"instances": [1]}, got no body'],
  [
    "/v2/models/flowers/infer",
    FORM,
    'expected a JSON body such as {"inputs": [{"name": "x", "shape": [1], "datatype": "FP32", "data": [1]}]}, got no body',
  ],
])(
  "POST %s without a body, as %s, is told what a body looks like, whether it is read or not",
  async (path, type, error) => {
    expect(await post(hooked, path, "", type)).toEqual([400, error]);
    expect(await post(plain, path, "", type)).toEqual([400, error]);
    expect(predictor.requests).toEqual([]);
  },
);

test("JSON in the content type that curl sends is read, anything else is told what to write", async () => {
  const response = await fetch(`${hooked.url}/v1/models/flowers:predict`, {
    method: "POST",
    body: ROWS,
    headers: { "content-type": FORM },
  });
  expect(await response.json()).toEqual({ predictions: [1] });
  expect(await post(hooked, "/v1/models/flowers:predict", "rows=1", FORM)).toEqual([
    415,
    `expected a JSON object, got ${FORM}: write JSON with content-type application/json, or send a file with its own, such as image/jpeg`,
  ]);
});

test.each([
  [
    "/v2/models/flowers/infer",
    ROWS,
    /inputs must be an array, got nothing but instances, which are V1's: send them to/,
  ],
  ["/v1/models/flowers:predict", TENSORS, /got tensors of V2: send them to \/v2\/models\/NAME\/infer, or write/],
  ["/v1/models/flowers:predict", '{"instance":[1]}', /got neither: did you mean instances, not instance\?$/],
  ["/v1/models/flowers:predict", '{"rows":[1]}', /got neither: write \{"instances": \[…\]\}$/],
  ["/v1/models/flowers:predict", "{'instances':[1]}", /got a single quote \(JSON takes double quotes\) at byte 1$/],
])("%s with %s names what to write", async (path, body, error) => {
  expect(await post(hooked, path, body)).toEqual([400, expect.stringMatching(error)]);
});

test("rows of V1's inputs may have members of these names, without being tensors", async () => {
  const row = { name: "x", shape: [1], datatype: "leather", data: 1 };
  const response = await fetch(`${hooked.url}/v1/models/flowers:predict`, {
    method: "POST",
    body: JSON.stringify({ inputs: [row] }),
  });
  expect(await response.json()).toEqual({ predictions: [row] });
});

test.each([
  [
    "/v1/models/flowers/predict",
    404,
    "no such route: POST /v1/models/flowers/predict: did you mean POST /v1/models/flowers:predict?",
  ],
  ["/v1/models/flowers", 405, "/v1/models/flowers takes GET, got POST: did you mean POST /v1/models/flowers:predict?"],
  [
    "/v2/models/flowers:predict",
    405,
    "/v2/models/flowers:predict takes GET, got POST: did you mean POST /v2/models/flowers/infer?",
  ],
  ["/predict", 404, "no such route: POST /predict: did you mean POST /v1/models/flowers:predict?"],
  ["/v1/models/flower:predict", 404, "model 'flower' does not exist: did you mean 'flowers'?"],
  ["/v1/models/roses:predict", 404, "model 'roses' does not exist: GET /v1/models names those that do"],
  ["/v1/models/:predict", 404, "expected a model's name, got none"],
])("POST %s is a %d that names the route", async (path, status, error) => {
  expect(await post(hooked, path, ROWS)).toEqual([status, error]);
});

test("who has no key is told no model's name", async () => {
  expect(await post(guarded, "/predict", ROWS)).toEqual([404, "no such route: POST /predict"]);
});
