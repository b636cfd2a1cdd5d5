import { createHttpPredictor } from "../../../src/predictor/http/http-predictor.ts";
import { type HttpPredictorOptions, resolveHttpPredictorOptions } from "../../../src/predictor/http/options.ts";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";

describe("options", () => {
  test("have the defaults that their documentation names", () => {
    expect(resolveHttpPredictorOptions({ host: "demo" })).toMatchObject({
      address: { origin: "http://demo" },
      protocol: "v1",
      modelName: "model",
      binary: "auto",
      v1Form: "auto",
      requestTimeoutMs: 600_000,
      connectTimeoutMs: 10_000,
      headersTimeoutMs: 0,
      bodyTimeoutMs: 0,
      healthTimeoutMs: 5000,
      keepAliveTimeoutMs: 4000,
      retries: 0,
      limits: DEFAULT_LIMITS,
    });
  });

  test.each([
    [{}, "host"],
    [{ host: "demo", protocol: "v3" }, "protocol must be one of v1, v2"],
    [{ host: "demo", binary: "yes" }, "binary must be one of"],
    [{ host: "demo", requestTimeoutMs: 0 }, "requestTimeoutMs must be a whole number from 1"],
    [{ host: "demo", requestTimeoutMs: 2 ** 31 }, "requestTimeoutMs"],
    [{ host: "demo", retries: -1 }, "retries"],
    [{ host: "demo", retries: 1.5 }, "retries"],
    [{ host: "demo", connections: 0 }, "connections"],
    [{ host: "demo", maxResponseBytes: Number.NaN }, "maxResponseBytes"],
    [{ host: "demo", cert: "x" }, "cert and key"],
    [{ host: "demo", predictorModelName: "" }, "predictorModelName"],
  ])("%j are refused: %s", (options, message) => {
    expect(() => createHttpPredictor(options as HttpPredictorOptions)).toThrow(message);
  });

  test("say in the description where the predictor is and what it speaks", async () => {
    const predictor = createHttpPredictor({ host: "https://demo:8443/inner/", protocol: "v2" });
    expect(predictor.description).toBe("v2 https://demo:8443/inner");
    await predictor.close();
  });
});
