import { fromMetadata } from "../../policy/grpc-metadata.ts";
import { joinChunks } from "../../protocol/body-bytes.ts";
import { MODEL_INFER } from "../../protocol/grpc/infer-message.ts";
import { readModel, replaceModelName } from "../../protocol/grpc/message-head.ts";
import { type ModelNames, toPredictorName } from "../model-names.ts";
import type { Forwarder, ForwardHandle, ForwardHandler, ForwardRequest } from "../predictor.ts";
import type { GrpcCaller } from "./caller.ts";

/** Hands messages on unread; where the predictor has another name for the model, that field alone is replaced. */
export class GrpcForwarder implements Forwarder {
  readonly wire = "grpc-v2";
  readonly #caller: GrpcCaller;
  readonly #names: ModelNames;
  readonly #requestTimeoutMs: number;

  constructor(caller: GrpcCaller, names: ModelNames, requestTimeoutMs: number) {
    this.#caller = caller;
    this.#names = names;
    this.#requestTimeoutMs = requestTimeoutMs;
  }

  accepts(): boolean {
    return true;
  }

  forward({ message, headers, timeoutMs }: ForwardRequest, handler: ForwardHandler): ForwardHandle {
    const bytes = joinChunks(message.body);
    const { modelName } = readModel(bytes);
    const predictorName = toPredictorName(modelName, this.#names);
    const renamed = predictorName !== modelName;
    const limit = this.#requestTimeoutMs;
    const abort = this.#caller.start(
      {
        path: MODEL_INFER,
        message: renamed ? joinChunks(replaceModelName(message, predictorName).body) : bytes,
        headers,
        timeoutMs: timeoutMs !== undefined && timeoutMs < limit ? timeoutMs : limit,
      },
      (error, response) => {
        if (response === undefined) {
          handler.error(error);
          return;
        }
        const reply = { headers: {}, body: [response.bytes] };
        handler.head(200, response.metadata === undefined ? {} : fromMetadata(response.metadata));
        for (const chunk of renamed ? replaceModelName(reply, modelName).body : reply.body) handler.data(chunk);
        handler.end();
      },
    );
    return { abort, resume: () => undefined };
  }
}
