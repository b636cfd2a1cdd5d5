import { gunzipSync } from "node:zlib";
import express from "express";
import supertest from "supertest";
import type { InferRequest } from "../../../../src/inference/infer-request.ts";
import type { InferResponse } from "../../../../src/inference/infer-response.ts";
import { createLogger } from "../../../../src/observability/logger.ts";
import type { TransformerApp } from "../../../../src/server/create-app.ts";
import { createApp } from "../../../../src/server/create-app.ts";
import type { AppOptions } from "../../../../src/server/serve-options.ts";
import { Transformer } from "../../../../src/transformer/transformer.ts";

class Echo extends Transformer {
  override predict(request: InferRequest): InferResponse {
    return request.reply({ predictions: request.instances });
  }
}

const open: TransformerApp[] = [];
function start(options: AppOptions): TransformerApp {
  const app = createApp(Echo, { modelName: "m", log: createLogger({ level: "silent" }), ...options });
  open.push(app);
  return app;
}
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

const PREDICT = "/v1/models/m:predict";
const PAGE = "https://app.example.com";

describe("CORS", () => {
  test("a page of a listed origin may ask and read; others and everybody by default may not", async () => {
    const app = start({ corsOrigins: [PAGE] });
    const preflight = await supertest(app)
      .options(PREDICT)
      .set({ origin: PAGE, "access-control-request-method": "POST", "access-control-request-headers": "x-api-key" });
    expect([preflight.status, preflight.headers["access-control-allow-headers"]]).toEqual([204, "x-api-key"]);
    const response = await supertest(app)
      .post(PREDICT)
      .set("origin", PAGE)
      .send({ instances: [1] });
    expect([response.status, response.headers["access-control-allow-origin"], response.headers["vary"]]).toEqual([
      200,
      PAGE,
      "Origin",
    ]);
    const failed = await supertest(app).post(PREDICT).set("origin", PAGE).send("{");
    expect([failed.status, failed.headers["access-control-allow-origin"]]).toEqual([400, PAGE]);
    const other = await supertest(app)
      .post(PREDICT)
      .set("origin", "https://evil.example")
      .send({ instances: [1] });
    expect(other.headers["access-control-allow-origin"]).toBeUndefined();
    const plain = await supertest(start({}))
      .post(PREDICT)
      .set("origin", PAGE)
      .send({ instances: [1] });
    expect(plain.headers["access-control-allow-origin"]).toBeUndefined();
  });

  test("* is every origin, and a preflight needs no key where requests do", async () => {
    const app = start({ corsOrigins: ["*"], authentication: { apiKeys: ["k"] } });
    const preflight = await supertest(app)
      .options(PREDICT)
      .set({ origin: PAGE, "access-control-request-method": "POST" });
    expect([preflight.status, preflight.headers["access-control-allow-origin"]]).toEqual([204, "*"]);
    const refused = await supertest(app)
      .post(PREDICT)
      .set("origin", PAGE)
      .send({ instances: [1] });
    expect([refused.status, refused.headers["access-control-allow-origin"]]).toEqual([401, "*"]);
  });
});

describe("compressed responses", () => {
  const instances = Array.from({ length: 1000 }, (_, index) => index);
  const ask = (app: TransformerApp, accepted: string, sent: readonly number[] = instances) =>
    supertest(app)
      .post(PREDICT)
      .set("accept-encoding", accepted)
      .buffer(true)
      .parse((response, done) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => done(null, Buffer.concat(chunks)));
      })
      .send({ instances: sent });

  test.each([
    ["gzip, br", "gzip"],
    ["br", "br"],
    ["gzip;q=0.1, br;q=0.9", "br"],
    ["gzip;q=0", undefined],
    ["identity", undefined],
    ["", undefined],
  ])("accept-encoding %j gives %s", async (accepted, encoding) => {
    const response = await ask(start({ compressResponses: true }), accepted);
    expect([response.status, response.headers["content-encoding"]]).toEqual([200, encoding]);
    expect(response.headers["vary"]).toBe("Accept-Encoding");
  });

  test("they vary with the origin too where pages of some origins may read them", async () => {
    const { headers } = await ask(start({ compressResponses: true, corsOrigins: [PAGE] }), "gzip");
    expect(headers["vary"]).toBe("Origin, Accept-Encoding");
  });

  test("they say the same, and small ones or a server without the option stay plain", async () => {
    const response = await ask(start({ compressResponses: true }), "gzip");
    // superagent undoes gzip by itself.
    const bytes = response.body as Buffer;
    const text = bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
    expect(JSON.parse(text.toString())).toEqual({ predictions: instances });
    expect((await ask(start({ compressResponses: true }), "gzip", [1])).headers["content-encoding"]).toBeUndefined();
    expect((await ask(start({}), "gzip")).headers["content-encoding"]).toBeUndefined();
  });
});

describe("pages", () => {
  test("with keys on they name no model without one", async () => {
    const app = start({ modelName: "secret-model", authentication: { apiKeys: ["k"] } });
    const root = await supertest(app).get("/");
    expect([root.status, root.body]).toEqual([200, { status: "alive" }]);
    expect((await supertest(app).get("/openapi.json")).status).toBe(401);
    const trusted = await supertest(app).get("/").set("x-api-key", "k");
    expect(trusted.body).toEqual({ status: "alive", models: ["secret-model"] });
    expect((await supertest(app).get("/openapi.json").set("x-api-key", "k")).status).toBe(200);
  });

  test("an application that is mounted at the root swallows no later route", async () => {
    const outer = express();
    outer.use(start({}));
    outer.get("/", (_request, response) => void response.send("theirs"));
    outer.get("/later", (_request, response) => void response.send("later"));
    expect((await supertest(outer).get("/")).text).toBe("theirs");
    expect((await supertest(outer).get("/later")).text).toBe("later");
    expect(
      (
        await supertest(outer)
          .post(PREDICT)
          .send({ instances: [1] })
      ).status,
    ).toBe(200);
  });
});
