import { createApp, type InferRequest, type TensorSpec, Transformer } from "kserve-transformer";
import { createLogger } from "kserve-transformer/observability";
import supertest from "supertest";
import { z } from "zod";

const row = z.object({ text: z.string() });

class Lengths extends Transformer {
  static readonly examples = { word: { text: "four" }, bare: "three", whole: { instances: [{ text: "a" }] } };
  override readonly rowSchema = row;
  override readonly inputs: readonly TensorSpec[] = [{ name: "text", datatype: "BYTES", shape: [-1] }];
  override readonly outputs: readonly TensorSpec[] = [{ name: "length", datatype: "INT64", shape: [-1] }];
  override predict(request: InferRequest) {
    return request.reply({ predictions: request.rows(row).map(({ text }) => text.length) });
  }
}

const apps: ReturnType<typeof createApp>[] = [];
afterAll(() => Promise.all(apps.map((app) => app.close())));

async function start(options: Parameters<typeof createApp>[1]) {
  const app = createApp(Lengths, { modelName: "lengths", log: createLogger({ level: "silent" }), ...options });
  apps.push(app);
  await app.ready();
  return supertest(app);
}

test("the document is OpenAPI 3.1, made from what the model declares", async () => {
  const { body } = await (await start({})).get("/openapi.json").expect(200);
  expect(body.openapi).toBe("3.1.0");
  const { requestBody, responses } = body.paths["/v1/models/lengths:predict"].post;
  const { schema, examples } = requestBody.content["application/json"];
  expect(schema.properties.instances.items).toMatchObject({
    required: ["text"],
    properties: { text: { type: "string" } },
  });
  expect(examples.word.value).toEqual({ instances: [{ text: "four" }] });
  expect(examples.bare.value).toEqual({ instances: [{ text: "three" }] });
  expect(examples.whole.value).toEqual({ instances: [{ text: "a" }] });
  expect(responses["200"].content["application/json"].schema.properties.predictions.items).toEqual({ type: "integer" });
  expect(responses["400"].content["application/json"].schema.properties.code.enum).toContain("invalid_argument");
  const v2 = body.paths["/v2/models/lengths/infer"].post.requestBody.content["application/json"];
  expect(v2.schema.properties.inputs.description).toBe("text BYTES [-1]");
  expect(v2.examples["declared inputs"].value.inputs).toEqual([
    { name: "text", datatype: "BYTES", shape: [1], data: [""] },
  ]);
});

test("every example of the document is answered", async () => {
  const agent = await start({});
  const { body } = await agent.get("/openapi.json");
  for (const path of ["/v1/models/lengths:predict", "/v2/models/lengths/infer"]) {
    const { examples } = body.paths[path].post.requestBody.content["application/json"];
    for (const { value } of Object.values(examples) as { value: object }[])
      await agent.post(path).send(value).expect(200);
  }
});

test("a mount is the document's server, and keys are its security", async () => {
  const { default: express } = await import("express");
  const inner = createApp(Lengths, {
    modelName: "lengths",
    docs: true,
    log: createLogger({ level: "silent" }),
    authentication: { apiKeys: ["s3cret"] },
  });
  apps.push(inner);
  const agent = supertest(express().use("/ml", inner));
  await agent.get("/ml/openapi.json").expect(401);
  const { body } = await agent.get("/ml/openapi.json").set("x-api-key", "s3cret").expect(200);
  expect(body.servers).toEqual([{ url: "/ml" }]);
  expect(body.components.securitySchemes).toEqual({ key: { type: "apiKey", in: "header", name: "x-api-key" } });
  await agent.get("/ml/docs").expect(302).expect("location", "docs/");
  await agent.get("/ml/docs/").expect(200).expect("content-type", /html/);
});

test("the page is served from the package, and only when asked for", async () => {
  const agent = await start({ docs: true });
  for (const file of ["", "docs.js", "swagger-ui.css", "swagger-ui-bundle.js"]) {
    const { headers } = await agent.get(`/docs/${file}`).expect(200);
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
  }
  await agent.get("/docs/..%2fsrc%2findex.js").expect(404);
  await (await start({})).get("/docs/").expect(404);
});
