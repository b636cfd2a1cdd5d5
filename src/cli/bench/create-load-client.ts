import type { InferProtocol } from "../infer/to-message.ts";
import { createGrpcLoadClient } from "./grpc/grpc-load-client.ts";
import { createHttpLoadClient } from "./http/http-connection.ts";
import type { LoadClient, LoadClientOptions } from "./load-client.ts";

/** @throws InferenceError invalid_argument for a URL that the protocol cannot have. */
export function createLoadClient(protocol: InferProtocol, options: LoadClientOptions): LoadClient {
  return protocol === "grpc" ? createGrpcLoadClient(options) : createHttpLoadClient(options);
}
