import { InferenceError, type InferRequest, type RequestContext, Transformer } from "kserve-transformer";
import { createEchoPredictor } from "kserve-transformer/predictor";
import { createApp } from "kserve-transformer/server";
import supertest from "supertest";

class Tenants extends Transformer {
  readonly #tenants = new Set(["shop"]);

  override preprocess(request: InferRequest, { requestHeaders }: RequestContext) {
    const tenant = requestHeaders["x-tenant"] ?? "";
    if (!this.#tenants.has(tenant)) {
      throw new InferenceError("this tenant may not ask this model", { code: "permission_denied" });
    }
    return request;
  }
}

test("docs/authentication.md: keys, then tenants, with the responses that the page lists", async () => {
  const app = createApp(Tenants, {
    modelName: "m",
    predictor: createEchoPredictor(),
    authentication: { apiKeys: ["key"] },
  });
  const ask = async (headers: Record<string, string>) => {
    const response = await supertest(app)
      .post("/v1/models/m:predict")
      .set(headers)
      .send({ instances: [1] });
    return [response.status, response.body.error, response.headers["www-authenticate"]];
  };
  expect(await ask({})).toEqual([401, "credentials are required", "ApiKey"]);
  expect(await ask({ "x-api-key": "other" })).toEqual([401, "the credentials are not accepted", "ApiKey"]);
  expect(await ask({ "x-api-key": "key" })).toEqual([403, "this tenant may not ask this model", undefined]);
  expect(await ask({ authorization: "Bearer key", "x-tenant": "shop" })).toEqual([200, undefined, undefined]);
  expect((await supertest(app).get("/v2/health/ready")).status).toBe(200);
  expect((await supertest(app).get("/v2/models/m")).status).toBe(401);
  await app.close();
});
