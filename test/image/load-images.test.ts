import { InferenceError } from "../../src/errors.ts";
import { imageInstance } from "../../src/image/image-source.ts";
import { loadImage, loadImages } from "../../src/image/load-images.ts";
import { InferRequest } from "../../src/inference/infer-request.ts";
import type { FetchOptions, FetchResult } from "../../src/inference/request-context.ts";
import { RowValues, TensorValues } from "../../src/inference/row-and-tensor-values.ts";
import type { Values } from "../../src/inference/values.ts";
import type { JsonValue } from "../../src/tensor/json-value.ts";
import { createTensor } from "../../src/tensor/tensor.ts";
import { readFixture } from "./image-fixtures.ts";

const png = readFixture("colour.png");
const broken = readFixture("colour-444.jpg").subarray(0, 1200);

function requestOf(values: Values, columnar = false): InferRequest {
  return new InferRequest({ modelName: "clothes", content: { values, columnar, parameters: {}, members: {} } });
}

const rows = (...instances: JsonValue[]): InferRequest => requestOf(new RowValues(instances, "input"));
const column = (name: string, ...elements: (string | Uint8Array)[]): InferRequest => {
  const bytes = elements.map((element) => Buffer.from(element as string));
  return requestOf(new TensorValues([createTensor(name, "BYTES", [bytes.length], bytes)], "input"));
};

/** A stand-in for the guarded download: what lies at which URL. */
function fetchFrom(files: Record<string, Uint8Array | number>) {
  const asked: [string, FetchOptions][] = [];
  const fetch = async (url: string, options: FetchOptions = {}): Promise<FetchResult> => {
    asked.push([url, options]);
    const file = files[url];
    if (file === undefined) throw new InferenceError(`'${url}': refused`, { code: "invalid_argument" });
    const status = typeof file === "number" ? file : 200;
    return { url, status, contentType: "image/svg+xml", body: typeof file === "number" ? new Uint8Array() : file };
  };
  return { fetch, asked };
}

test("images come in the order of the rows, from URLs and from the request", async () => {
  const request = rows({ url: "http://a/grey.jpg" }, { b64: png.toString("base64") }, "http://a/colour.png");
  const { fetch } = fetchFrom({ "http://a/grey.jpg": readFixture("grey.jpg"), "http://a/colour.png": png });
  const images = await loadImages(request.rows(imageInstance), { fetch, request });
  expect(images.map(({ format, width, height }) => [format, width, height])).toEqual([
    ["jpeg", 29, 21],
    ["png", 29, 21],
    ["png", 29, 21],
  ]);
});

test("the limit on bytes goes along with a download and holds for the request's own bytes", async () => {
  const { fetch, asked } = fetchFrom({ "http://a/": png });
  await loadImage({ url: "http://a/" }, { fetch }, { maxBytes: 1000 });
  await loadImage({ url: "http://a/" }, { fetch });
  expect(asked).toEqual([
    ["http://a/", { maxBytes: 1000 }],
    ["http://a/", {}],
  ]);
  await expect(loadImage({ bytes: png }, { fetch }, { maxBytes: 100 })).rejects.toMatchObject({
    status: 413,
    message: "image of 159 bytes: larger than the limit of 100 bytes",
  });
});

test("a request of too many images is refused before any is loaded", async () => {
  const { fetch, asked } = fetchFrom({ "http://a/": png });
  const sources = Array.from({ length: 129 }, () => ({ url: "http://a/" }));
  await expect(loadImages(sources, { fetch })).rejects.toMatchObject({
    status: 413,
    message: "129 images: more than the limit of 128",
  });
  expect(asked).toEqual([]);
  expect(await loadImages(sources.slice(0, 2), { fetch }, { maxImages: 2 })).toHaveLength(2);
});

test("images that are too large together are refused, and no more are loaded then", async () => {
  const { fetch, asked } = fetchFrom({ "http://a/": png });
  const sources = Array.from({ length: 9 }, () => ({ url: "http://a/" }));
  const loading = loadImages(sources, { fetch, request: rows() }, { maxTotalBytes: 3 * png.length, concurrency: 1 });
  await expect(loading).rejects.toMatchObject({
    status: 413,
    message: `instances[3]: images larger than the limit of ${3 * png.length} bytes together`,
  });
  expect(asked).toHaveLength(4);
});

test("so many images are downloaded at a time", async () => {
  let running = 0;
  let most = 0;
  const fetch = async (url: string): Promise<FetchResult> => {
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running--;
    return { url, status: 200, contentType: undefined, body: png };
  };
  await loadImages(
    Array.from({ length: 9 }, () => ({ url: "http://a/" })),
    { fetch },
    { concurrency: 3 },
  );
  expect(most).toBe(3);
});

describe("a failure names the row as the client wrote it", () => {
  const { fetch } = fetchFrom({ "http://a/": png, "http://a/404": 404, "http://a/text": Buffer.from("Moved.") });
  const unknown = "expected a JPEG, PNG, GIF, WebP, AVIF, TIFF, BMP, PNM or TGA image, got";

  test.each<[string, InferRequest, number, string]>([
    [
      "V1, {url}",
      rows({ url: "http://a/" }, { url: "http://a/404" }),
      400,
      "instances[1].url: the URL answered with status 404, expected 200",
    ],
    ["V1, a refused URL", rows({ url: "http://b/" }), 400, "instances[0].url: 'http://b/': refused"],
    ["V1, no image behind the URL", rows({ url: "http://a/text" }), 415, `instances[0].url: ${unknown} text`],
    ["V1, {b64}", rows({ b64: "YWJj" }), 415, `instances[0].b64: ${unknown} text`],
    [
      "V1, bare",
      rows("http://a/", "http://a/404"),
      400,
      "instances[1]: the URL answered with status 404, expected 200",
    ],
    [
      "V1, columnar",
      requestOf(new RowValues([{ url: "http://a/404" }], "input"), true),
      400,
      "inputs.url[0]: the URL answered with status 404, expected 200",
    ],
    [
      "V2, URLs",
      column("url", "http://a/", "http://a/404"),
      400,
      "inputs.url[1]: the URL answered with status 404, expected 200",
    ],
    ["V2, bytes", column("picture", png, Buffer.from("%PDF-1.7")), 415, `inputs.picture[1]: ${unknown} a PDF`],
    [
      "V2, nameless",
      column("input-0", "http://a/404"),
      400,
      "inputs[0]: the URL answered with status 404, expected 200",
    ],
  ])("%s", async (_, request, status, message) => {
    const failure = loadImages(request.rows(imageInstance), { fetch, request });
    await expect(failure).rejects.toMatchObject({ status, message });
  });

  test("also when its data turns out to be broken only while decoding", async () => {
    const request = rows({ b64: png.toString("base64") }, { b64: broken.toString("base64") });
    const [, second] = await loadImages(request.rows(imageInstance), { fetch, request });
    await expect(second?.decode()).rejects.toMatchObject({
      status: 400,
      message: "instances[1].b64: the jpeg data is broken or incomplete",
    });
  });
});

test("an error that is not the client's is passed on as it is", async () => {
  const bug = new TypeError("a bug");
  const fetch = (): Promise<FetchResult> => Promise.reject(bug);
  await expect(loadImages([{ url: "http://a/" }], { fetch })).rejects.toBe(bug);
});
