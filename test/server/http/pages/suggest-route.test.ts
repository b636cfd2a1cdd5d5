import { suggestRoute } from "../../../../src/server/http/pages/suggest-route.ts";

const V1 = "POST /v1/models/flowers:predict";
const V2 = "POST /v2/models/flowers/infer";

test.each([
  ["/v1/models/flowers/predict", V1],
  ["/v1/models/flowers:infer", V1],
  ["/v1/models/flowers", V1],
  ["/v1/models", V1],
  ["/v1/models/flower", V1],
  ["/v1/model/flowers:predict", V1],
  ["/v1/flowers:predict", V1],
  ["/V1/models/flowers:Predict", V1],
  ["//v1/models/flowers:predict", V1],
  ["/models/flowers:predict", V1],
  ["/flowers/predict", V1],
  ["/predict", V1],
  ["/invocations", V1],
  ["/v1/models/flowers/versions/3/predict", "POST /v1/models/flowers/versions/3:predict"],
  ["/v1/models/other/predict", "POST /v1/models/other:predict"],
  ["/v2/models/flowers:predict", V2],
  ["/v2/models/flowers:infer", V2],
  ["/v2/models/flowers/predict", V2],
  ["/v2/models/flowers", V2],
  ["/infer", V2],
  ["/v2/models/flowers/versions/3/predict", "POST /v2/models/flowers/versions/3/infer"],
  ["/v1/models/flow%20ers/predict", V1],
])("POST %s is told as %s", (path, meant) => {
  expect(suggestRoute("POST", path, ["flowers"])).toBe(meant);
});

test.each(["/", "/nowhere", "/v1", "/v1/models/a/b/predict", "/metrics", `/${"x".repeat(1000)}/predict`])(
  "nothing is near POST %s",
  (path) => {
    expect(suggestRoute("POST", path, ["flowers"])).toBeUndefined();
  },
);

test("a GET is told where it names a verb, or looks like a probe", () => {
  expect(suggestRoute("GET", "/v1/models/flowers/predict", [])).toBe(V1);
  expect(suggestRoute("GET", "/v1/models/flowers/ready", ["flowers"])).toBeUndefined();
  expect(suggestRoute("GET", "/healthz", [])).toBe("GET /v2/health/ready");
});

test("of several models, and of those that may not be told, none is picked", () => {
  expect(suggestRoute("POST", "/predict", ["a", "b"])).toBeUndefined();
  expect(suggestRoute("POST", "/predict", [])).toBeUndefined();
});
