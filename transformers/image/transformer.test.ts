import { createApp, createTensor, type Predictor } from "kserve-transformer";
import { type TestTransformerOptions, testTransformer, v2Request } from "kserve-transformer/testing";
import supertest from "supertest";
import createImageTransformer from "./transformer.ts";

/** A PNG of two pixels beside each other: (255, 0, 51) and (0, 102, 204). */
const PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR4nGP4z2DMkHYGAAhlAmWG1QdMAAAAAElFTkSuQmCC";
const URL_OF_PICTURE = "http://bit.ly/mlbookcamp-pants";

/** The environment of the course's InferenceService, with a smaller picture. */
const COURSE = {
  MODEL_INPUT_SIZE: "1,2",
  KERAS_MODEL_NAME: "xception",
  MODEL_LABELS: "dress,hat,longsleeve,outwear,pants,shirt,shoes,shorts,skirt,t-shirt",
};
const LOGITS = [-1.868, -4.761, -2.317, -1.063, 9.887, -2.812, -3.666, 3.2, -2.602, -4.835];

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(env: Record<string, string>, predictor: NonNullable<TestTransformerOptions["predictor"]>) {
  const files = { [URL_OF_PICTURE]: Buffer.from(PICTURE, "base64") };
  const tested = testTransformer(await createImageTransformer({ env: { ...COURSE, ...env } }), { predictor, files });
  open.push(tested);
  return tested;
}

test("the course's request gets the answer that the course's clients read, values as the model gave them", async () => {
  const tested = await start({}, { predictions: [LOGITS] });
  const { json } = await tested.predict({ instances: [{ url: URL_OF_PICTURE }] });
  expect(json).toEqual({
    predictions: [
      {
        dress: -1.868,
        hat: -4.761,
        longsleeve: -2.317,
        outwear: -1.063,
        pants: 9.887,
        shirt: -2.812,
        shoes: -3.666,
        shorts: 3.2,
        skirt: -2.602,
        "t-shirt": -4.835,
      },
    ],
  });
  const input = tested.sent[0]?.input(undefined, "FP32");
  expect(input?.shape).toEqual([1, 1, 2, 3]);
  // x / 127.5 - 1 in float32, as keras.applications.xception scales.
  const scaled = [255, 0, 51, 0, 102, 204].map((byte) => Math.fround(Math.fround(byte / 127.5) - 1));
  expect(Array.from(input?.data ?? [])).toEqual(scaled);
});

test.each([
  ["xception", [1, -1, -0.6]],
  ["Inception_V3", [1, -1, -0.6]],
  ["MobileNetV2", [1, -1, -0.6]],
  ["resnet50_v2", [1, -1, -0.6]],
  ["resnet50", [51 - 103.939, 0 - 116.779, 255 - 123.68]],
  ["vgg16", [51 - 103.939, 0 - 116.779, 255 - 123.68]],
  ["DenseNet121", [(1 - 0.485) / 0.229, -0.456 / 0.224, (0.2 - 0.406) / 0.225]],
  ["efficientnet", [255, 0, 51]],
  ["EfficientNetB3", [255, 0, 51]],
  ["mobilenet-v3-small", [255, 0, 51]],
])("%s gets its first pixel as %j", async (KERAS_MODEL_NAME, pixel) => {
  const tested = await start({ KERAS_MODEL_NAME }, { predictions: [LOGITS] });
  await tested.predict({ instances: [{ url: URL_OF_PICTURE }] });
  const data = Array.from(tested.sent[0]?.input(undefined, "FP32").data ?? []).slice(0, 3);
  expect(data).toEqual(pixel.map((value) => expect.closeTo(value, 4)));
});

test("MODEL_SOFTMAX=true makes probabilities of logits", async () => {
  const tested = await start({ MODEL_SOFTMAX: "true" }, { predictions: [LOGITS] });
  const { predictions } = await tested.predict({ instances: [{ url: URL_OF_PICTURE }] });
  const scores = predictions[0] as Record<string, number>;
  expect(scores["pants"]).toBeCloseTo(0.99872, 4);
  expect(Object.values(scores).reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 12);
});

test("MODEL_RESAMPLE chooses the kernel", async () => {
  const first = async (env: Record<string, string>) => {
    const tested = await start(
      { MODEL_INPUT_SIZE: "1,1", KERAS_MODEL_NAME: "efficientnet", ...env },
      { predictions: [LOGITS] },
    );
    await tested.predict({ instances: [{ url: URL_OF_PICTURE }] });
    return Array.from(tested.sent[0]?.input(undefined, "FP32").data ?? []);
  };
  expect(await first({})).toEqual([0, 102, 204]);
  expect(await first({ MODEL_RESAMPLE: "bilinear" })).toEqual([128, 51, 128]);
});

test("V2 clients send URLs or pictures as BYTES, several at a time", async () => {
  const tested = await start({}, { predictions: [LOGITS, LOGITS] });
  const elements = [Buffer.from(URL_OF_PICTURE), Buffer.from(PICTURE, "base64")];
  const answer = await tested.predict(v2Request([createTensor("picture", "BYTES", [2], elements)], { binary: true }));
  expect(answer.status).toBe(200);
  expect(tested.sent[0]?.input().shape).toEqual([2, 1, 2, 3]);
});

describe("the name of the predictor's input", () => {
  const spec = { name: "input_1", datatype: "FP32", shape: [-1, 1, 2, 3] } as const;
  const answer = createTensor("dense", "FP32", [1, 10], Float32Array.from(LOGITS));
  const predictorWith = (inputs: readonly (typeof spec)[]) => {
    const names: (string | undefined)[] = [];
    const predictor: Predictor = {
      description: "a V2 predictor",
      infer: async (request) => {
        names.push(request.input().name);
        return request.reply({ outputs: [answer] });
      },
      ready: async () => true,
      metadata: async () => ({ name: "clothes", inputs, outputs: [] }),
      close: async () => undefined,
    };
    return { predictor, names };
  };

  test.each([
    ["is read from its metadata", {}, "input_1"],
    ["is MODEL_INPUT_NAME where that is set", { MODEL_INPUT_NAME: "image" }, "image"],
  ])("%s", async (_, env, name) => {
    const { predictor, names } = predictorWith([spec]);
    const { predictions } = await (await start(env, predictor)).predict({ instances: [{ url: URL_OF_PICTURE }] });
    expect(names).toEqual([name]);
    expect(predictions).toEqual([expect.objectContaining({ pants: 9.887, hat: -4.761 })]);
  });
});

test("another number of labels than the model has outputs is an error that says both", async () => {
  const tested = await start({ MODEL_LABELS: "dress,hat" }, { predictions: [LOGITS] });
  const { status, json } = await tested.predict({ instances: [{ url: URL_OF_PICTURE }] });
  expect(status).toBe(502);
  expect(json).toMatchObject({
    error: "output 'output-0' of shape [1,10]: expected 2 scores a row, one a label, got 10",
  });
});

test("an explanation is passed on as the predictor gave it", async () => {
  const tested = await start({}, { predictions: [{ saliency: [1, 2] }] });
  const { json } = await tested.explain({ instances: [{ url: URL_OF_PICTURE }] });
  expect(json).toMatchObject({ predictions: [{ saliency: [1, 2] }] });
});

test("a URL of the server's own network is refused by default, and the row is named", async () => {
  const app = createApp(await createImageTransformer({ env: COURSE }), { modelName: "clothes" });
  open.push(app);
  const response = await supertest(app)
    .post("/v1/models/clothes:predict")
    .send({ instances: [{ url: "http://127.0.0.1:9/a.jpg" }] });
  expect(response.status).toBe(400);
  expect(response.body).toMatchObject({
    error: "instances[0].url: 'http://127.0.0.1:9/a.jpg': its host is unknown or not on the public internet",
  });
});

test.each([
  [
    { MODEL_INPUT_SIZE: undefined },
    "environment variable MODEL_INPUT_SIZE: expected height,width in pixels, such as 299,299, or IMAGE_MODEL_FOLDER with a model's folder; it is not set",
  ],
  [
    { MODEL_INPUT_SIZE: "299" },
    "environment variable MODEL_INPUT_SIZE: expected height,width in pixels, such as 299,299; got '299'",
  ],
  [
    { MODEL_INPUT_SIZE: "0,299" },
    "environment variable MODEL_INPUT_SIZE: expected height,width in pixels, such as 299,299; got '0,299'",
  ],
  [
    { KERAS_MODEL_NAME: "alexnet" },
    "environment variable KERAS_MODEL_NAME: expected a model of keras.applications, such as xception, resnet50 or efficientnet; got 'alexnet'",
  ],
  [
    { KERAS_MODEL_NAME: undefined },
    "environment variable KERAS_MODEL_NAME: expected a model of keras.applications, such as xception, resnet50 or efficientnet; it is not set",
  ],
  [
    { MODEL_LABELS: undefined },
    "environment variable MODEL_LABELS: expected names separated by commas, one an output of the model, none empty or twice; it is not set",
  ],
  [
    { MODEL_LABELS: "dress,,hat" },
    "environment variable MODEL_LABELS: expected names separated by commas, one an output of the model, none empty or twice; got 'dress,,hat'",
  ],
  [
    { MODEL_LABELS: "hat,hat" },
    "environment variable MODEL_LABELS: expected names separated by commas, one an output of the model, none empty or twice; got 'hat,hat'",
  ],
  [{ MODEL_SOFTMAX: "yes" }, "environment variable MODEL_SOFTMAX: expected one of false, true; got 'yes'"],
  [
    { MODEL_RESAMPLE: "area" },
    "environment variable MODEL_RESAMPLE: expected one of nearest, bilinear, bicubic, lanczos, box, hamming; got 'area'",
  ],
])("%j is refused at the start", async (env, message) => {
  await expect(createImageTransformer({ env: { ...COURSE, ...env } })).rejects.toThrow(message);
});

test("a request without pictures is answered without the predictor", async () => {
  const tested = await start({}, { predictions: [LOGITS] });
  const { json } = await tested.predict({ instances: [] });
  expect([json, tested.sent]).toEqual([{ predictions: [] }, []]);
});

test.each([
  [{ ...COURSE, IMAGE_TOP_K: "3" }, "IMAGE_TOP_K: expected none, since IMAGE_MODEL_FOLDER is not set; got '3'"],
  [{ IMAGE_MODEL_FOLDER: "/nowhere" }, "IMAGE_MODEL_FOLDER: expected a model's folder; got '/nowhere'"],
  [
    { IMAGE_MODEL_FOLDER: ".", MODEL_SOFTMAX: "true" },
    "MODEL_SOFTMAX: expected none, since the model's folder says how pictures are prepared; got 'true'",
  ],
  [
    {},
    "MODEL_INPUT_SIZE: expected height,width in pixels, such as 299,299, or IMAGE_MODEL_FOLDER with a model's folder; it is not set",
  ],
])("%j ends the start: %s", async (env, message) => {
  await expect(createImageTransformer({ env })).rejects.toThrow(message);
});
