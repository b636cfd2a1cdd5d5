import {
  createTensor,
  type InferRequest,
  type InferResponse,
  type RequestContext,
  Transformer,
} from "kserve-transformer";
import { createImagePipeline, type ImageGeometry, imageInstance, loadImages } from "kserve-transformer/image";
import { testTransformer } from "kserve-transformer/testing";
import { decodeYolo, toDetections } from "kserve-transformer/vision";
import sharp from "sharp";

const pipeline = createImagePipeline({
  decode: { orientation: "exif" },
  steps: [
    { step: "letterbox", size: [640, 640] },
    { step: "rescale", divisor: 255 },
  ],
  output: { layout: "NCHW" },
});

interface State {
  geometry: readonly ImageGeometry[];
}

class Helmets extends Transformer<State> {
  override createState(): State {
    return { geometry: [] };
  }

  override async preprocess(request: InferRequest, context: RequestContext<State>) {
    const images = await loadImages(request.rows(imageInstance), context, pipeline.loadOptions);
    const { tensor, geometry } = await pipeline.run("images", images);
    context.state.geometry = geometry;
    return request.withInputs([tensor]);
  }

  override async postprocess(response: InferResponse, { signal, state }: RequestContext<State>) {
    const found = await decodeYolo(response.output("output0"), { head: "yolov5", scoreThreshold: 0.4, signal });
    const pictures = found.map((boxes, i) =>
      toDetections(boxes, state.geometry[i] as ImageGeometry, ["head", "helmet"]),
    );
    return response.withPredictions(pictures.map((boxes) => boxes.filter(({ label }) => label === "head")));
  }
}

test("docs/vision.md: a hook of one's own decodes YOLOv5 and answers boxes on the client's picture", async () => {
  const rows = [320, 320, 64, 32, 0.9, 0.9, 0.1, 100, 320, 64, 32, 0.9, 0.1, 0.9];
  const output = createTensor("output0", "FP32", [1, 2, 7], Float32Array.from(rows));
  const helmets = testTransformer(Helmets, { predictor: { outputs: [output] } });
  const picture = sharp({ create: { width: 1280, height: 640, channels: 3, background: "red" } });
  const { json } = await helmets.predict({
    instances: [{ b64: (await picture.png().toBuffer()).toString("base64") }],
  });
  await helmets.close();
  expect(json).toEqual({
    predictions: [
      [{ label: "head", score: expect.closeTo(0.81, 6), box: { xmin: 576, ymin: 288, xmax: 704, ymax: 352 } }],
    ],
  });
});
