import { jest } from "@jest/globals";
import { createTensor, InferenceError, InferRequest, type RequestContext, Transformer } from "kserve-transformer";
import { createLogger } from "../../src/observability/logger.ts";
import { createEchoPredictor } from "../../src/predictor/embedded/echo-predictor.ts";
import { createGrpcPredictor } from "../../src/predictor/grpc/grpc-predictor.ts";
import { type ServerHandle, serve } from "../../src/server/serve.ts";
import type { AppOptions } from "../../src/server/serve-options.ts";
import type { TransformerSource } from "../../src/transformer/model.ts";

const closing: ServerHandle[] = [];
afterEach(async () => {
  for (const each of closing.splice(0)) await each.close();
});

async function start(transformer: TransformerSource, options: AppOptions = {}): Promise<string> {
  const log = createLogger({ level: "silent" });
  const handle = await serve(
    { m: { transformer, predictor: createEchoPredictor() } },
    { port: 0, host: "127.0.0.1", log, ...options },
  );
  closing.push(handle);
  return handle.url;
}

const ask = (url: string, protocol: "v1" | "v2", body: object = {}) =>
  fetch(`${url}${protocol === "v1" ? "/v1/models/m:predict" : "/v2/models/m/infer"}`, {
    method: "POST",
    body: JSON.stringify(
      protocol === "v1"
        ? { instances: [1], ...body }
        : { inputs: [{ name: "x", shape: [1], datatype: "FP32", data: [1] }], ...body },
    ),
  });

const HEADERS: Record<string, unknown> = {
  "other than Latin-1": "猫",
  "a line break": "a\r\nx-evil: 1",
  "a number": 5,
  undefined: undefined,
};

describe("a response header that cannot be carried is a 500 that names it", () => {
  test.each(Object.keys(HEADERS))("%s", async (what) => {
    class Sets extends Transformer {
      override preprocess(request: InferRequest, context: RequestContext) {
        (context.responseHeaders as Record<string, unknown>)["x-label"] = HEADERS[what];
        return request;
      }
    }
    class Throws extends Transformer {
      override preprocess(): InferRequest {
        throw new InferenceError("slow down", { status: 429, headers: { "x-label": HEADERS[what] as string } });
      }
    }
    for (const transformer of [Sets, Throws]) {
      const url = await start(transformer);
      const response = await ask(url, "v1");
      expect([response.status, await response.text()]).toEqual([500, expect.stringContaining('header \\"x-label\\"')]);
      const client = createGrpcPredictor({ host: new URL(url).host, modelName: "m" });
      await expect(
        client.infer(
          InferRequest.create({ modelName: "m", inputs: [createTensor("x", "FP32", [1], new Float32Array(1))] }),
        ),
      ).rejects.toThrow('header "x-label"');
      await client.close();
    }
  });

  test("Latin-1 goes over HTTP, and not over gRPC", async () => {
    class Latin extends Transformer {
      override preprocess(request: InferRequest, context: RequestContext) {
        context.responseHeaders["x-label"] = "é";
        return request;
      }
      override predict(request: InferRequest) {
        return request.reply({ outputs: [createTensor("y", "FP32", [1], new Float32Array(1))] });
      }
    }
    const url = await start(Latin);
    const response = await ask(url, "v1");
    expect([response.status, response.headers.get("x-label")]).toEqual([200, "é"]);
    const client = createGrpcPredictor({ host: new URL(url).host, modelName: "m" });
    await expect(
      client.infer(
        InferRequest.create({ modelName: "m", inputs: [createTensor("x", "FP32", [1], new Float32Array(1))] }),
      ),
    ).rejects.toThrow(/"x-label": expected printable ASCII/);
    await client.close();
  });
});

class Infinite extends Transformer {
  override predict(request: InferRequest) {
    const outputs = [createTensor("y", "FP32", [1, 4], new Float32Array([1, Number.NaN, 1 / 0, -1 / 0]))];
    return request.parameters["rows"] === true || request.members["rows"] === true
      ? request.reply({ predictions: [{ score: Number.NaN }] })
      : request.reply({ outputs });
  }
}

class InfiniteParameters extends Transformer {
  override predict(request: InferRequest) {
    const scale = Number.NaN;
    const outputs = [createTensor("y", "INT32", [1], new Int32Array([7]), { scale })];
    return request.parameters["rows"] === true || request.members["rows"] === true
      ? request.reply({ predictions: [7], members: { scale } })
      : request.reply({ outputs, parameters: { scale } });
  }
}

describe("NaN and infinities for JSON clients", () => {
  test.each([
    ["null", "null"],
    ["token", "NaN"],
  ] as const)("nonFinite %s holds for parameters and members", async (nonFinite, text) => {
    const url = await start(InfiniteParameters, { nonFinite });
    const rows = { rows: true };
    for (const body of [{}, rows]) {
      expect(await (await ask(url, "v1", body)).text()).toBe(`{"scale":${text},"predictions":[7]}`);
    }
    expect(await (await ask(url, "v2", { parameters: rows })).text()).toContain(`"parameters":{"scale":${text}},`);
    const json = await (await ask(url, "v2")).text();
    expect(json.split(`"parameters":{"scale":${text}}`)).toHaveLength(3);
    const binary = await (await ask(url, "v2", { parameters: { binary_data_output: true } })).text();
    expect(binary).toContain(`"parameters":{"scale":${text},"binary_data_size":4}`);
  });

  test.each([
    ["null", "1.0,null,null,null", "1,null,null,null", "null"],
    ["token", "1.0,NaN,Infinity,-Infinity", "1,NaN,Infinity,-Infinity", "NaN"],
  ] as const)("nonFinite %s", async (nonFinite, v1, v2, row) => {
    const url = await start(Infinite, { nonFinite });
    expect(await (await ask(url, "v1")).text()).toBe(`{"predictions":[[${v1}]]}`);
    expect(await (await ask(url, "v2")).text()).toContain(`"data":[${v2}]`);
    expect(await (await ask(url, "v1", { rows: true })).text()).toBe(`{"predictions":[{"score":${row}}]}`);
    expect(await (await ask(url, "v2", { parameters: { rows: true } })).text()).toContain(`{\\"score\\":${row}}`);
  });

  test("nonFinite error is a 500", async () => {
    const url = await start(Infinite, { nonFinite: "error" });
    expect([(await ask(url, "v1")).status, (await ask(url, "v2")).status]).toEqual([500, 500]);
    expect((await ask(url, "v1", { rows: true })).status).toBe(500);
  });

  test("null is the default, with one warning; binary is exact", async () => {
    const log = createLogger({ level: "silent" });
    const warn = jest.spyOn(log, "warn").mockImplementation(() => undefined);
    const url = await start(Infinite, { log });
    for (let i = 0; i < 3; i++) expect((await ask(url, "v2")).status).toBe(200);
    expect(warn.mock.calls.filter(([, message]) => /NaN.*null/.test(String(message)))).toHaveLength(1);
    const binary = await ask(url, "v2", { parameters: { binary_data_output: true } });
    const bytes = Buffer.from(await binary.arrayBuffer());
    expect(bytes.subarray(-16).readFloatLE(4)).toBeNaN();
  });
});
