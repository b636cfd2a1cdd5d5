/**
 * Has grpc-js write nothing of its own, unless its variables say otherwise: it tells standard error of every header of odd bytes that
 * a predictor sends, with the value. What matters of a call stands in its error. A program that calls `serve` decides for itself.
 */
export function quietGrpc(env: NodeJS.ProcessEnv): void {
  if (!env["GRPC_NODE_VERBOSITY"] && !env["GRPC_VERBOSITY"]) env["GRPC_NODE_VERBOSITY"] = "NONE";
}
