import { ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import { InferenceError } from "../../errors.ts";
import { fromMetadata } from "../../policy/grpc-metadata.ts";
import { Health } from "../../protocol/grpc/gen/health_pb.ts";
import { GRPCInferenceService } from "../../protocol/grpc/gen/inference_pb.ts";
import { logError } from "../exchange/log-error.ts";
import type { ModelServer } from "../model-server.ts";
import { requestIdOf } from "../request-id.ts";
import { toStatus } from "./call.ts";

/** What probes ask for: nothing of it says more than that a model is there and ready. */
const HEALTH: ReadonlySet<string> = new Set([
  ...["ServerLive", "ServerReady", "ModelReady"].map((name) => `/${GRPCInferenceService.typeName}/${name}`),
  ...["Check", "Watch"].map((name) => `/${Health.typeName}/${name}`),
]);

/**
 * Lets a call in by its head: credentials are checked before a message is read, so that who may not ask takes no memory. A call that
 * is over meanwhile is left alone, and so is one that nobody guards: without an interceptor grpc-js begins calls that were cancelled.
 */
export function createAdmitCalls({ authenticator, options: { log } }: ModelServer): ServerInterceptor {
  return ({ path }, call) => {
    if (authenticator === undefined || (authenticator.exemptHealth && HEALTH.has(path))) {
      return new ServerInterceptingCall(call, { start: (next) => next() });
    }
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, letIn) => {
            const headers = fromMetadata(metadata);
            authenticator.authenticate(headers).then(
              () => letIn(metadata),
              (thrown: unknown) => {
                const error = InferenceError.from(thrown);
                const requestId = requestIdOf(headers);
                logError(error, requestId, log);
                call.sendStatus(toStatus(error, requestId));
              },
            );
          },
        }),
    });
  };
}
