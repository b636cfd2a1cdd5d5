/** What is asked, of whom. A request is whole bytes on the wire; every contender of a scenario gets the same. */
import { drawPicture } from "../image/draw-picture.ts";

const PROXIES = ["ours", "bare", "nginx", "sdk"];
const rows = '{"instances":[[6.8,2.8,4.8,1.4],[6.0,3.4,4.5,1.6]]}';
const predictions = '{"predictions":[[0.1,0.2,0.7],[0.6,0.3,0.1]]}';
const metadata = JSON.stringify({
  name: "m",
  platform: "bench",
  extensions: ["binary_tensor_data"],
  versions: ["1"],
  inputs: [{ name: "x", datatype: "FP32", shape: [-1, 4] }],
  outputs: [{ name: "y", datatype: "FP32", shape: [-1, 3] }],
});
const outputs = JSON.stringify({
  id: "1",
  model_name: "m",
  model_version: "1",
  outputs: [{ name: "y", datatype: "FP32", shape: [2, 3], data: [0.1, 0.2, 0.7, 0.6, 0.3, 0.1] }],
});

/** @param pictureUrl where the picture lies that is asked for by URL */
export async function createScenarios(pictureUrl, picture) {
  const values = Float32Array.from({ length: 3 * 224 * 224 }, (_, i) => Math.sin(i));
  return [
    {
      id: "v1",
      title: "A small V1 request, no hooks",
      about: "Two rows of four numbers, 53 bytes; V1 predictor.",
      ...{ kind: "plain", contenders: PROXIES, request: post("/v1/models/m:predict", rows), response: predictions },
    },
    {
      id: "hooks",
      title: "A small V1 request through two hooks",
      about: "`preprocess` scales the rows, `postprocess` names the best class; V1 predictor.",
      ...{
        kind: "hooks",
        contenders: ["ours", "sdk"],
        request: post("/v1/models/m:predict", rows),
        response: predictions,
      },
    },
    {
      id: "v1-to-v2",
      title: "A V1 client before a V2 predictor",
      about: "The same rows, no hooks: they become one FP32 tensor, and the predictor's output becomes predictions.",
      ...{ kind: "plain", protocol: "v2", contenders: ["ours", "sdk"], metadata },
      ...{ request: post("/v1/models/m:predict", rows), response: outputs },
    },
    {
      id: "v2-json",
      title: "V2 JSON, FP32 [1, 3, 224, 224], no hooks",
      about: "A body of 3 MB that no hook looks at; V2 predictor.",
      ...{ kind: "plain", protocol: "v2", contenders: PROXIES, response: outputs, metadata },
      request: post("/v2/models/m/infer", JSON.stringify({ inputs: [{ ...tensor(), data: [...values] }] })),
    },
    {
      id: "v2-binary",
      title: "V2 binary, FP32 [1, 3, 224, 224], no hooks",
      about: "The same tensor as bytes, 0.6 MB; V2 predictor.",
      ...{ kind: "plain", protocol: "v2", contenders: PROXIES, response: outputs, metadata },
      request: binaryRequest(values),
    },
    {
      id: "picture-b64",
      title: "A picture in the request",
      about:
        "A JPEG of 800 × 600 as base64 becomes FP32 [299, 299, 3] (bilinear, the kernel of Pillow) and goes to a V1 predictor as text.",
      ...{ kind: "pictures", contenders: ["ours", "service", "sdk"], response: predictions },
      request: post("/v1/models/m:predict", JSON.stringify({ instances: [{ b64: picture.toString("base64") }] })),
    },
    {
      id: "picture-url",
      title: "A picture by URL",
      about: "The same picture, downloaded from a server on the same machine.",
      ...{ kind: "pictures", contenders: ["ours", "service", "sdk"], response: predictions },
      request: post("/v1/models/m:predict", JSON.stringify({ instances: [{ image_url: pictureUrl }] })),
    },
  ];
}

export const drawBenchPicture = () => drawPicture(800, 600);

function tensor() {
  return { name: "x", datatype: "FP32", shape: [1, 3, 224, 224] };
}

function binaryRequest(values) {
  const head = Buffer.from(
    JSON.stringify({ inputs: [{ ...tensor(), parameters: { binary_data_size: values.byteLength } }] }),
  );
  return post("/v2/models/m/infer", Buffer.concat([head, Buffer.from(values.buffer)]), [
    "content-type: application/octet-stream",
    `inference-header-content-length: ${head.length}`,
  ]);
}

function post(path, body, headers = ["content-type: application/json"]) {
  const head = [
    `POST ${path} HTTP/1.1`,
    "host: bench",
    ...headers,
    `content-length: ${Buffer.byteLength(body)}`,
    "",
    "",
  ];
  return Buffer.concat([Buffer.from(head.join("\r\n")), Buffer.from(body)]);
}
