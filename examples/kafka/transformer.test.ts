import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createApp } from "kserve-transformer";
import { createOnnxPredictor } from "kserve-transformer/predictor";
import supertest from "supertest";
import createSortPictures from "./transformer.ts";

const drawing = (label: string) => readFileSync(new URL(`../clothing/drawings/${label}.jpg`, import.meta.url));
const modelPath = new URL("../clothing/clothing.onnx", import.meta.url).pathname;

/** The path-style part of S3 that the example uses; requests without a signature are refused, as S3 does. */
const objects = new Map<string, Buffer>();
const bucket = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray());
  if (!request.headers.authorization?.startsWith("AWS4-HMAC-SHA256 Credential=key/")) {
    response.writeHead(403).end("<Error><Code>AccessDenied</Code></Error>");
    return;
  }
  const path = decodeURIComponent(request.url ?? "");
  if (request.method === "PUT") objects.set(path, body);
  const found = objects.get(path);
  response.writeHead(found === undefined ? 404 : 200).end(request.method === "PUT" ? "" : found);
});
let app: ReturnType<typeof createApp>;

beforeAll(async () => {
  await once(bucket.listen(0, "127.0.0.1"), "listening");
  const endpoint = `http://127.0.0.1:${(bucket.address() as AddressInfo).port}`;
  app = createApp(
    () =>
      createSortPictures({
        env: {
          S3_ENDPOINT: endpoint,
          AWS_ACCESS_KEY_ID: "key",
          AWS_SECRET_ACCESS_KEY: "secret",
          RESULTS_BUCKET: "sorted",
        },
      }),
    { modelName: "clothing", predictor: createOnnxPredictor({ path: modelPath }) },
  );
});
afterAll(async () => {
  await app.close();
  bucket.close();
});
beforeEach(() => objects.clear());

/** MinIO's notice as Knative's KafkaSource sends it: a binary event without a content type. */
const send = (...keys: string[]) =>
  supertest(app)
    .post("/v1/models/clothing:predict")
    .set({
      "ce-specversion": "1.0",
      "ce-type": "dev.knative.kafka.event",
      "ce-source": "/apis/v1/namespaces/lab/kafkasources/clothing-kafka#pictures",
      "ce-id": "partition:0/offset:24",
      "ce-subject": "partition:0#24",
    })
    .serialize((body) => body)
    .send(
      JSON.stringify({
        EventName: "s3:ObjectCreated:Put",
        Key: `pictures/${keys[0]}`,
        Records: keys.map((key) => ({
          eventName: "s3:ObjectCreated:Put",
          s3: { bucket: { name: "pictures" }, object: { key, size: 4000, contentType: "image/jpeg" } },
        })),
      }),
    )
    .unset("content-type");

test("a notice of a new picture: it is fetched, classified, and copied into the folder of its class", async () => {
  objects.set("/pictures/a dress.jpg", drawing("dress"));
  objects.set("/pictures/mai/hat.jpg", drawing("hat"));
  const response = await send("a+dress.jpg", "mai%2Fhat.jpg").expect(200);
  expect(response.headers["ce-type"]).toBe("io.kserve.inference.response");
  expect(response.body.predictions).toHaveLength(2);
  expect([...objects.keys()].filter((path) => path.startsWith("/sorted/"))).toEqual([
    "/sorted/dress/a dress.jpg",
    "/sorted/hat/mai/hat.jpg",
  ]);
  expect(objects.get("/sorted/hat/mai/hat.jpg")).toEqual(drawing("hat"));
});

test("a picture that is gone is an error, so that the source sends the notice again", async () => {
  const { status, body } = await send("gone.jpg");
  expect([status, body.error]).toEqual([500, expect.not.stringContaining("127.0.0.1")]);
});

test("a message that is no notice is a 400 that names the field", async () => {
  const response = await supertest(app)
    .post("/v1/models/clothing:predict")
    .set({
      "ce-specversion": "1.0",
      "ce-type": "t",
      "ce-source": "s",
      "ce-id": "1",
      "content-type": "application/json",
    })
    .send({ EventName: "s3:TestEvent" });
  expect([response.status, response.body.error]).toEqual([400, expect.stringContaining("instances[0].Records")]);
});
