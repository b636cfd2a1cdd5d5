import { createTensor, type Tensor } from "kserve-transformer";
import { createImagePipeline } from "kserve-transformer/image";
import { decodeDetr, decodeEndToEnd, decodeListed, decodeYolo, toDetections } from "kserve-transformer/vision";

const floats = (name: string, shape: readonly number[], values?: readonly number[]): Tensor => {
  const count = shape.reduce((product, side) => product * side, 1);
  return createTensor(name, "FP32", shape, values ? Float32Array.from(values) : new Float32Array(count));
};

const listed =
  (...tensors: Tensor[]) =>
  (name: string): Tensor =>
    tensors.find((tensor) => tensor.name === name) as Tensor;

const BOXES = floats("boxes", [1, 4], [10, 20, 30, 40]);
const SCORES = floats("scores", [1], [0.9]);

test.each<[string, () => Promise<unknown>, string]>([
  [
    "another head",
    () => decodeYolo(floats("output0", [1, 85, 10]), { head: "yolov5", classes: 80 }),
    "output 'output0': expected numbers of shape [pictures, boxes, 5 + 80 classes], which is yolov5's, got FP32 of shape [1,85,10]",
  ],
  [
    "too few numbers",
    () => decodeYolo(floats("output0", [1, 4, 10]), { head: "yolov8" }),
    "expected numbers of shape [pictures, 4 + classes, boxes], which is yolov8's, got FP32 of shape [1,4,10]",
  ],
  [
    "texts",
    () => decodeYolo(createTensor("output0", "BYTES", [1, 5, 1], Array(5).fill(Buffer.from("1"))), { head: "yolov8" }),
    "output 'output0': expected numbers, got BYTES of shape [1,5,1]",
  ],
  [
    "a score that is not a number",
    () => decodeYolo(floats("output0", [1, 6, 1], [1, 1, 1, 1, 0.2, Number.NaN]), { head: "yolov8" }),
    "output 'output0': expected scores from 0 to 1, got NaN for box 0",
  ],
  [
    "a box without end",
    () => decodeYolo(floats("output0", [1, 5, 1], [1, 1, Number.POSITIVE_INFINITY, 1, 0.9]), { head: "yolov8" }),
    "expected finite boxes of positive sides, got centre 1, 1 and half size Infinity, 0.5 for box 0",
  ],
  [
    "a box of a negative width",
    () => decodeYolo(floats("output0", [1, 5, 1], [1, 1, -4, 1, 0.9]), { head: "yolov8" }),
    "expected finite boxes of positive sides, got centre 1, 1 and half size -2, 0.5 for box 0",
  ],
  [
    "no queries",
    () => decodeDetr(floats("logits", [1, 0, 4]), floats("pred_boxes", [1, 0, 4]), { activation: "softmax" }),
    "output 'logits': expected numbers of shape [pictures, queries, classes + 1], got FP32 of shape [1,0,4]",
  ],
  [
    "an end-to-end output of another width",
    () => decodeEndToEnd(floats("output0", [1, 300, 7])),
    "output 'output0': expected numbers of shape [pictures, boxes, 6], got FP32 of shape [1,300,7]",
  ],
  [
    "half a class",
    () => decodeEndToEnd(floats("output0", [1, 1, 6], [0, 0, 1, 1, 0.9, 1.5])),
    "expected finite boxes and whole classes, got 0, 0, 1, 1, 0.8999999761581421, 1.5 for box 0",
  ],
  [
    "boxes for other queries",
    () => decodeDetr(floats("logits", [1, 2, 3]), floats("pred_boxes", [1, 3, 4]), { activation: "softmax" }),
    "output 'pred_boxes': expected numbers of shape [1, 2, 4], a box for each query of 'logits', got FP32 of shape [1,3,4]",
  ],
  [
    "scores for other boxes",
    () => decodeListed(listed(BOXES, floats("scores", [2]), floats("labels", [1])), { form: "torchvision" }),
    "output 'scores': expected numbers of shape [1], one a box of 'boxes', got FP32 of shape [2]",
  ],
  [
    "more boxes than there are",
    () =>
      decodeListed(
        listed(
          floats("detection_boxes", [1, 2, 4]),
          floats("detection_scores", [1, 2]),
          floats("detection_classes", [1, 2]),
          floats("num_detections", [1], [3]),
        ),
        { form: "tensorflow" },
      ),
    "output 'num_detections': expected 1 whole numbers from 0 to 2, got [3] of shape [1]",
  ],
])("%s is refused with the tensor, what was expected and what came", async (_, decode, message) => {
  await expect(decode()).rejects.toMatchObject({ code: "bad_gateway", message: expect.stringContaining(message) });
});

async function geometryOf(width: number, height: number, side: number) {
  const picture = { width, height, data: new Uint8Array(width * height * 3) };
  const steps = [
    { step: "resize", to: { fit: "stretch", size: [side, side] }, with: { backend: "opencv", resample: "linear" } },
  ] as const;
  const { geometry } = await createImagePipeline({ steps }).run("x", [picture]);
  return geometry[0] as (typeof geometry)[number];
}

test("lists of torchvision lie on the tensor, those of TensorFlow are shares of the picture and count from 1", async () => {
  const geometry = await geometryOf(200, 100, 50);
  const labels = createTensor("labels", "INT64", [1], BigInt64Array.of(1n));
  const [torch] = await decodeListed(listed(BOXES, SCORES, labels), { form: "torchvision" });
  const names = ["background", "cat"];
  expect(torch && toDetections(torch, geometry, names)).toEqual([
    { label: "cat", score: 0.9, box: { xmin: 40, ymin: 40, xmax: 120, ymax: 80 } },
  ]);
  const outputs = listed(
    floats("detection_boxes", [1, 2, 4], [0.1, 0.2, 0.5, 0.75, 0, 0, 1, 1]),
    floats("detection_scores", [1, 2], [0.6, 0.8]),
    floats("detection_classes", [1, 2], [2, 1]),
    floats("num_detections", [1], [1]),
  );
  const [tensorflow] = await decodeListed(outputs, { form: "tensorflow" });
  expect(tensorflow && toDetections(tensorflow, geometry, names)).toEqual([
    { label: "cat", score: 0.6, box: { xmin: 40, ymin: 10, xmax: 150, ymax: 50 } },
  ]);
});

test("a class without a label is an error, and without labels the number is one", async () => {
  const geometry = await geometryOf(50, 50, 50);
  const found = (await decodeEndToEnd(floats("output0", [1, 1, 6], [0, 0, 1, 1, 0.9, 2])))[0];
  if (found === undefined) throw new Error("nothing found");
  expect(toDetections(found, geometry, [])).toEqual([
    { label: "2", score: 0.9, box: { xmin: 0, ymin: 0, xmax: 1, ymax: 1 } },
  ]);
  expect(() => toDetections(found, geometry, ["a", "b"])).toThrow(
    expect.objectContaining({ status: 502, message: "the model found class 2, and there are 2 labels" }),
  );
});

test("one class of YOLOv7 is scored by its objectness alone", async () => {
  const output = floats("output0", [1, 1, 6], [5, 5, 2, 2, 0.6, 0.5]);
  const scoresOf = async (head: "yolov5" | "yolov7") => (await decodeYolo(output, { head }))[0]?.scores;
  expect(await scoresOf("yolov7")).toEqual(Float32Array.of(0.6));
  expect(await scoresOf("yolov5")).toEqual(Float32Array.of(0.3));
});

test("the halves and doubles of a predictor are read as float32", async () => {
  const halves = createTensor("output0", "FP16", [1, 5, 1], Uint16Array.of(0x4900, 0x4900, 0x4400, 0x4400, 0x3a00));
  const doubles = createTensor("output0", "FP64", [1, 5, 1], Float64Array.of(10, 10, 4, 4, 0.75));
  const read = await Promise.all([halves, doubles].map((output) => decodeYolo(output, { head: "yolov8" })));
  for (const [found] of read) {
    expect(found?.boxes).toEqual(Float32Array.of(8, 8, 12, 12));
    expect(found?.scores).toEqual(Float32Array.of(0.75));
  }
});
