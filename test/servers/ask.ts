import type { InferResponse, JsonObject } from "kserve-transformer";
import { DEFAULT_LIMITS, selectCodec } from "kserve-transformer/protocol";
import { type TestRequest, type V1Body, v1Request } from "kserve-transformer/testing";

/** What came back over a real socket. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly json: JsonObject;
  readonly response: InferResponse;
}

/** Sends a request to a running service. */
export async function ask(url: string, modelName: string, request: V1Body | TestRequest): Promise<Answer> {
  const { method, path, headers, body } = isBuilt(request) ? request : v1Request(request);
  const answer = await fetch(`${url}${path.replace("{model}", modelName)}`, {
    method,
    headers: { ...headers },
    body: Buffer.from(body),
  });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return {
    status: answer.status,
    headers: answer.headers,
    body: bytes,
    get json() {
      return JSON.parse(new TextDecoder().decode(bytes)) as JsonObject;
    },
    get response() {
      const codec = selectCodec(path.startsWith("/v2") ? "v2" : "v1");
      const message = { headers: Object.fromEntries(answer.headers), body: [bytes] };
      return codec.decodeResponse(message, { modelName, limits: DEFAULT_LIMITS });
    },
  };
}

function isBuilt(request: V1Body | TestRequest): request is TestRequest {
  return "method" in request && "path" in request && request["body"] instanceof Uint8Array;
}
