import { Buffer } from "node:buffer";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { InferenceError } from "../errors.ts";
import { InferRequest } from "../inference/infer-request.ts";
import type { InferResponse } from "../inference/infer-response.ts";
import { createPredictor } from "../predictor/create-predictor.ts";
import type { Predictor } from "../predictor/predictor.ts";
import { DEFAULT_LIMITS } from "../protocol/limits.ts";
import { selectCodec } from "../protocol/select-codec.ts";

/** One response in the file: its wire form, headers, and body (JSON as text, binary as base64). */
interface Recorded {
  readonly digest: string;
  readonly wire: "v1" | "v2";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly encoding: "utf8" | "base64";
}

/**
 * Asks a real predictor and keeps each response in a file, which `replay` gives again: `predictor: record(url, file)`. The
 * file is written by `close()`.
 */
export function record(predictor: Predictor | string, file: string): Predictor {
  const connected =
    typeof predictor === "string" ? createPredictor(predictor, { protocol: "auto" }) : Promise.resolve(predictor);
  const recorded = new Map<string, Recorded>();
  return {
    description: `record ${file}`,
    infer: async (request, options) => {
      const response = await (await connected).infer(request, options);
      const digest = request.digest();
      recorded.set(digest, toRecorded(digest, request, response));
      return response;
    },
    ready: async (options) => (await connected).ready(options),
    metadata: async (options) => (await connected).metadata(options),
    close: async () => {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `${JSON.stringify({ responses: [...recorded.values()] }, null, 2)}\n`);
      await (await connected).close();
    },
  };
}

/**
 * A predictor that gives recorded responses to equal requests.
 * @throws InferenceError not_found, by `infer`, for a request that was not recorded.
 */
export function replay(file: string): Predictor {
  let reading: Promise<ReadonlyMap<string, Recorded>> | undefined;
  return {
    description: `replay ${file}`,
    infer: async (request) => {
      reading ??= readRecorded(file);
      const found = (await reading).get(request.digest());
      if (found !== undefined) return fromRecorded(request, found);
      const message = `${file} has no response to this request; record it again`;
      throw new InferenceError("internal error", { cause: new InferenceError(message, { code: "not_found" }) });
    },
    ready: async () => true,
    metadata: async () => undefined,
    close: async () => undefined,
  };
}

function toRecorded(digest: string, request: InferRequest, response: InferResponse): Recorded {
  const wire = response.values.native === "rows" ? "v1" : "v2";
  const content = { parameters: {}, members: {}, values: request.values };
  const plain = new InferRequest({ modelName: request.modelName, content });
  const { headers, body } = selectCodec(wire).encodeResponse(response, { request: plain });
  const encoding = (headers["content-type"] ?? "").includes("json") ? "utf8" : "base64";
  return { digest, wire, headers, body: Buffer.concat(body).toString(encoding), encoding };
}

function fromRecorded({ modelName }: InferRequest, { wire, headers, body, encoding }: Recorded): InferResponse {
  const message = { headers, body: [Buffer.from(body, encoding)] };
  return selectCodec(wire).decodeResponse(message, { modelName, limits: DEFAULT_LIMITS });
}

async function readRecorded(file: string): Promise<ReadonlyMap<string, Recorded>> {
  const { responses } = JSON.parse(await readFile(file, "utf8")) as { readonly responses: readonly Recorded[] };
  return new Map(responses.map((each) => [each.digest, each]));
}
