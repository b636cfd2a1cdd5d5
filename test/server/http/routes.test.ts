import { matchRoute, methodOf } from "../../../src/server/http/routes.ts";

describe("matchRoute", () => {
  test.each([
    ["/v1/models", { kind: "v1-models" }],
    ["/v1/models/", { kind: "v1-models" }],
    ["/v1/models/clothing", { kind: "v1-model", model: "clothing" }],
    ["/v1/models/clothing:predict", { kind: "infer", protocol: "v1", verb: "predict", model: "clothing" }],
    ["/v1/models/clothing%3Apredict", { kind: "infer", protocol: "v1", verb: "predict", model: "clothing" }],
    ["/v1/models/a:b:explain", { kind: "infer", protocol: "v1", verb: "explain", model: "a:b" }],
    ["/v1/models/m/versions/3:predict", { kind: "infer", protocol: "v1", verb: "predict", model: "m", version: "3" }],
    ["/v2", { kind: "server-metadata" }],
    ["/v2/", { kind: "server-metadata" }],
    ["/v2/health/live", { kind: "live" }],
    ["/v2/health/ready", { kind: "ready" }],
    ["/v2/models", { kind: "v2-models" }],
    ["/v2/models/m", { kind: "model-metadata", model: "m" }],
    ["/v2/models/m/versions/2", { kind: "model-metadata", model: "m", version: "2" }],
    ["/v2/models/m/ready", { kind: "model-ready", model: "m" }],
    ["/v2/models/m/config", { kind: "model-config", model: "m" }],
    ["/v2/models/m/versions/2/config", { kind: "model-config", model: "m", version: "2" }],
    ["/v2/models/m/stats", { kind: "model-statistics", model: "m" }],
    ["/v2/models/m/versions/2/stats", { kind: "model-statistics", model: "m", version: "2" }],
    ["/v2/models/stats", { kind: "model-statistics" }],
    ["/v2/models/m/versions/2/ready", { kind: "model-ready", model: "m", version: "2" }],
    ["/v2/models/m/infer", { kind: "infer", protocol: "v2", verb: "predict", model: "m" }],
    ["/v2/models/my%20model/infer", { kind: "infer", protocol: "v2", verb: "predict", model: "my model" }],
    ["/v2/models/m/versions/2/infer", { kind: "infer", protocol: "v2", verb: "predict", model: "m", version: "2" }],
    ["/v2/repository/index", { kind: "repository-index" }],
    ["/v2/repository/models/m/load", { kind: "repository-load", model: "m" }],
    ["/v1/models/org%2Fname:predict", { kind: "infer", protocol: "v1", verb: "predict", model: "org/name" }],
    ["/v1/models/m:predict/", { kind: "infer", protocol: "v1", verb: "predict", model: "m" }],
    ["/v2/models/m/generate", { kind: "completion", endpoint: "generate", model: "m" }],
    ["/openai/v1/chat/completions", { kind: "completion", endpoint: "chat/completions" }],
    ["/openai/v1/models/org/name", { kind: "openai-models", model: "org/name" }],
    ["/v2/repository/models/m/unload", { kind: "repository-unload", model: "m" }],
  ])("%s", (path, route) => {
    expect(matchRoute(path)).toEqual(route);
  });

  test.each([
    "/",
    "/v1",
    "/v1/modelsx",
    "/v1/models/a/b",
    "/v2x",
    "/v2/nothing",
    "/v2/models//infer",
    "/v2/models/m/infer/more",
    "/v2/models/m/versions//infer",
    "/v2/repository/models/m",
    "/v2/repository/models/m/load/more",
  ])("%s is none of the data plane's", (path) => {
    expect(matchRoute(path)).toBeUndefined();
  });

  test("a path that is not valid percent-encoding is a 400", () => {
    for (const path of [
      "/v2/models/%E0%A4%A/infer",
      "/v1/models/%zz",
      "/v2/models/%zz/generate",
      "/openai/v1/models/%zz",
      "/v2/repository/models/%zz/load",
    ]) {
      expect(() => matchRoute(path)).toThrow("percent-encoding");
    }
  });

  test("a model or a version of dots is no path segment", () => {
    for (const path of [
      "/v2/models/m/versions/../infer",
      "/v2/models/m/versions/%2e%2E/infer",
      "/v2/models/m/versions/..%2f..%2Fadmin/infer",
      "/v2/models/m/versions/1%5c../infer",
      "/v1/models/m/versions/..:predict",
      "/v1/models/../versions/1:predict",
      "/v2/models/./generate",
    ]) {
      expect(() => matchRoute(path)).toThrow("is expected");
    }
  });

  test("inference and the repository take POST, the rest GET", () => {
    const methods = ["/v1/models/m:predict", "/v2/repository/index", "/v2/models/m", "/v1/models"].map((path) => {
      const route = matchRoute(path);
      return route === undefined ? undefined : methodOf(route);
    });
    expect(methods).toEqual(["POST", "POST", "GET", "GET"]);
  });
});

test.each([
  ["/v1/models/m:predct", "there is no :predct: did you mean :predict?"],
  ["/v1/models/m/versions/3:explian", "there is no :explian: did you mean :explain?"],
  ["/v2/models/m/infr", "there is no /infr: did you mean /infer?"],
  ["/v2/models/m/stat", "there is no /stat: did you mean /stats?"],
])("%s is told the verb that it means", (path, message) => {
  expect(() => matchRoute(path)).toThrow(expect.objectContaining({ status: 404, message }));
});
