import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decodeRawBody } from "../../src/envelope/raw-body.ts";
import { imageInstance, imageTensor, loadImages } from "../../src/image/index.ts";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import type { RequestContext } from "../../src/inference/request-context.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { DEFAULT_LIMITS } from "../../src/protocol/limits.ts";
import { type ServerHandle, serve } from "../../src/server/serve.ts";
import { Transformer } from "../../src/transformer/transformer.ts";
import { Turns } from "../../src/turns.ts";
import { countLoopTurns } from "../loop-turns.ts";

const picture = readFileSync(fileURLToPath(new URL("../../examples/clothing/drawings/pants.jpg", import.meta.url)));

/** The shape of what came, and the mean of the first picture. */
class Pictures extends Transformer {
  override async preprocess(request: InferRequest, context: RequestContext): Promise<InferResponse> {
    const images = await loadImages(request.rows(imageInstance), context);
    const { shape, data } = await imageTensor("image", images, { size: [8, 8], scaling: "tf" });
    const values = data as Float32Array;
    const mean = values.slice(0, 192).reduce((sum, value) => sum + value, 0) / 192;
    return request.reply({ predictions: Array.from({ length: shape[0] ?? 0 }, () => Math.round(mean)) });
  }
}

class Echo extends Transformer {
  override predict(request: InferRequest): InferResponse {
    return request.reply({ predictions: request.instances });
  }
}

let server: ServerHandle;
beforeAll(async () => {
  const models = { pictures: Pictures, echo: Echo };
  const limits = { maxTensors: 4, maxBodyBytes: 2_000_000 };
  server = await serve(models, { host: "127.0.0.1", port: 0, log: createLogger({ level: "silent" }), limits });
  await server.ready();
});
afterAll(() => server.close());

type Body = NonNullable<RequestInit["body"]>;

const post = (model: string, body: Body, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/v1/models/${model}:predict`, { method: "POST", body, headers });
const form = (...fields: readonly (readonly [string, string | Uint8Array])[]): FormData => {
  const data = new FormData();
  for (const [name, value] of fields) {
    if (typeof value === "string") data.append(name, value);
    else data.append(name, new Blob([value as Uint8Array<ArrayBuffer>]), "file.jpg");
  }
  return data;
};

type Refused = readonly [string, () => Body, Record<string, string>, number, string];

describe("raw bodies", () => {
  test.each(["image/jpeg", "application/octet-stream", "image/jpeg; quality=high"])(
    "a picture as %s is what it is in base64",
    async (type) => {
      const json = JSON.stringify({ instances: [{ b64: picture.toString("base64") }] });
      const expected = await (await post("pictures", json)).json();
      const response = await post("pictures", picture, { "content-type": type });
      expect([response.status, await response.json()]).toEqual([200, expected]);
    },
  );

  test("a form with several files under one name is as many rows, over V1 and V2", async () => {
    const fields = form(["image", picture], ["image", picture], ["image", picture]);
    const response = await post("pictures", fields);
    const { predictions } = (await response.json()) as { predictions: number[] };
    expect([response.status, predictions.length]).toEqual([200, 3]);
    const v2 = await fetch(`${server.url}/v2/models/pictures/infer`, { method: "POST", body: fields });
    expect(await v2.json()).toMatchObject({ outputs: [{ name: "predictions", shape: [3] }] });
  });

  test("a part of a picture's type is bytes without a file's name too", async () => {
    const head = '--b\r\nContent-Disposition: form-data; name="image"\r\nContent-Type: image/png\r\n\r\n';
    const body = Buffer.concat([Buffer.from(head), picture, Buffer.from("\r\n--b--\r\n")]);
    const response = await post("pictures", body, { "content-type": "multipart/form-data; boundary=b" });
    expect([response.status, await response.json()]).toEqual([200, { predictions: [expect.anything()] }]);
  });

  test("fields of a form are columns under their names", async () => {
    const response = await post("echo", form(["age", "41"], ["city", "Bern"]));
    expect(await response.json()).toEqual({ predictions: [{ age: "41", city: "Bern" }] });
  });

  test("JSON stays JSON, whatever its type says", async () => {
    for (const type of ["application/octet-stream", "application/x-www-form-urlencoded", "application/json"]) {
      const response = await post("echo", '  {"instances":[1]}', { "content-type": type });
      expect([type, response.status, await response.json()]).toEqual([type, 200, { predictions: [1] }]);
    }
  });

  test.each([
    [
      "unlike numbers of values",
      () => form(["a", "1"], ["b", "1"], ["b", "2"]),
      {},
      400,
      "field 'b': expected as many values as field 'a' has, 1",
    ],
    ["an empty form", () => form(), {}, 400, "expected a form with at least one field"],
    [
      "a part without a name",
      () => '--b\r\nContent-Disposition: form-data; filename="x.png"\r\n\r\nx\r\n--b--\r\n',
      { "content-type": "multipart/form-data; boundary=b" },
      400,
      "body: expected a name for each part of the form, got one without",
    ],
    ["no boundary", () => "x", { "content-type": "multipart/form-data" }, 400, "oundary"],
    [
      "a form that breaks off",
      () => '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx',
      { "content-type": "multipart/form-data; boundary=b" },
      400,
      "not a form",
    ],
    ["too many fields", () => form(["a", "1"], ["b", "1"], ["c", "1"], ["d", "1"], ["e", "1"]), {}, 413, "max_tensors"],
    ["nothing", () => "", { "content-type": "image/png" }, 400, "expected image/png, got nothing"],
    ["more than the limit", () => Buffer.alloc(2_000_001), { "content-type": "image/png" }, 413, "max_body_bytes"],
  ] as readonly Refused[])("%s is refused with the reason", async (_name, body, headers, status, message) => {
    const response = await post("echo", body() as Body, { ...headers });
    const text = await response.text();
    expect([response.status, text]).toEqual([status, expect.stringContaining(message)]);
  });

  test("a field that is no property of objects is a field like others", async () => {
    const response = await post("echo", form(["__proto__", "1"], ["constructor", "2"]));
    expect(await response.text()).toBe('{"predictions":[{"__proto__":"1","constructor":"2"}]}');
  });
});

test("a long form gives way to others, and an abort ends its reading", async () => {
  const field = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n';
  const body = [Buffer.from(field.repeat(90_000)), Buffer.from("--b--\r\n")];
  const headers = { "content-type": "multipart/form-data; boundary=b" };
  const abort = new AbortController();
  const { value, turns } = await countLoopTurns(() =>
    decodeRawBody({ headers, body }, DEFAULT_LIMITS, "x", new Turns()),
  );
  expect(value[0]?.data).toHaveLength(90_000);
  expect(turns).toBeGreaterThan(2);
  const reading = decodeRawBody({ headers, body }, DEFAULT_LIMITS, "x", new Turns(abort.signal));
  setImmediate(() => abort.abort(new Error("the client left")));
  await expect(reading).rejects.toThrow("the client left");
});

test("a field of text and a file are the same bytes", async () => {
  const headers = { "content-type": "multipart/form-data; boundary=b" };
  const part = (more: string) => `--b\r\nContent-Disposition: form-data; name="a"${more}\r\n\r\nx\r\ny\r\n`;
  const body = [Buffer.from(`${part("")}${part('; filename="f"')}`), Buffer.from("--b--\r\n")];
  const [tensor] = await decodeRawBody({ headers, body }, DEFAULT_LIMITS, "x", new Turns());
  expect(tensor?.data).toEqual([Buffer.from("x\r\ny"), Buffer.from("x\r\ny")]);
});

test("pictures are handed to the decoder where they lie in the body", async () => {
  const sent = new Response(form(["image", picture], ["image", picture]));
  const content = new Uint8Array(await sent.arrayBuffer());
  for (const type of ["image/jpeg", sent.headers.get("content-type") ?? ""]) {
    const message = { headers: { "content-type": type }, body: [content] };
    const tensors = await decodeRawBody(message, DEFAULT_LIMITS, "x", new Turns());
    const elements = tensors.flatMap(({ data }) => data as readonly Uint8Array[]);
    expect(elements).toHaveLength(type === "image/jpeg" ? 1 : 2);
    expect(elements.every(({ buffer }) => buffer === content.buffer)).toBe(true);
  }
});
