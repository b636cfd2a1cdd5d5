import { Buffer } from "node:buffer";
import { InferenceError } from "../../../src/errors.ts";
import type { InferRequest } from "../../../src/inference/infer-request.ts";
import type { Predictor } from "../../../src/predictor/predictor.ts";
import { grpcCodec } from "../../../src/protocol/grpc/grpc-codec.ts";
import { readModel } from "../../../src/protocol/grpc/message-head.ts";
import { DEFAULT_LIMITS } from "../../../src/protocol/limits.ts";
import { bodyOf, start, unread, x } from "./started-predictor.ts";

describe("forwarder", () => {
  function forward(predictor: Predictor, request: InferRequest) {
    return new Promise<{ status: number; headers: object; body: Buffer }>((resolve, reject) => {
      let status = 0;
      let headers = {};
      const chunks: Uint8Array[] = [];
      predictor.forwarder?.forward(
        {
          verb: "predict",
          modelName: "m",
          modelVersion: undefined,
          message: request.source?.message ?? { headers: {}, body: [] },
          headers: { "x-request-id": "abc" },
        },
        {
          head: (given, received) => {
            status = given;
            headers = received;
          },
          data: (chunk) => chunks.push(chunk) > 0,
          end: () => resolve({ status, headers, body: Buffer.concat(chunks) }),
          error: reject,
        },
      );
    });
  }

  test("hands bytes on unread, each way", async () => {
    const { predictor, calls } = await start();
    const request = unread();
    expect(predictor.forwarder?.wire).toBe("grpc-v2");
    const { status, headers, body } = await forward(predictor, request);
    expect(bodyOf(calls[0])).toEqual(bodyOf(request.source));
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "x-request-id": "abc" });
    const response = grpcCodec.decodeResponse(
      { headers: {}, body: [body] },
      { modelName: "m", limits: DEFAULT_LIMITS },
    );
    expect(response.output().data).toEqual(x.data);
  });

  test("with another name at the predictor only that field is replaced, each way", async () => {
    const { predictor, calls } = await start(undefined, { modelName: "public", predictorModelName: "m" });
    const own = unread();
    const message = grpcCodec.replaceModelName(own.source?.message ?? { headers: {}, body: [] }, "public");
    const request = grpcCodec.decodeRequest(message, { modelName: "public", limits: DEFAULT_LIMITS });
    const { body } = await forward(predictor, request);
    expect(bodyOf(calls[0])).toEqual(bodyOf(own.source));
    expect(readModel(body).modelName).toBe("public");
  });

  test("a failure is an InferenceError, and abort ends the call in silence", async () => {
    const { predictor } = await start(() => {
      throw new InferenceError("no", { code: "not_found" });
    });
    await expect(forward(predictor, unread())).rejects.toMatchObject({ code: "not_found", message: "no" });
    const events: string[] = [];
    const handle = predictor.forwarder?.forward(
      {
        verb: "predict",
        modelName: "m",
        modelVersion: undefined,
        message: unread().source?.message ?? { headers: {}, body: [] },
        headers: {},
      },
      {
        head: () => events.push("head"),
        data: () => true,
        end: () => events.push("end"),
        error: () => events.push("error"),
      },
    );
    handle?.abort();
    await expect(forward(predictor, unread())).rejects.toBeDefined();
    expect(events).toEqual([]);
  });
});
