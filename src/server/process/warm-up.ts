import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { InferenceError } from "../../errors.ts";
import { selectCodec } from "../../protocol/select-codec.ts";
import type { Model } from "../../transformer/model.ts";
import type { Transformer } from "../../transformer/transformer.ts";
import type { Incoming } from "../exchange.ts";
import type { ModelServer } from "../model-server.ts";
import { TensorExchange } from "../tensor-exchange.ts";

const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 15_000;

/**
 * Sends the requests through hooks and predictor, in their order, until all of them have succeeded: a predictor that starts
 * beside is waited for, and the model is not ready before. Each failure is logged.
 */
export async function warmUp(
  server: ModelServer,
  model: Model,
  transformer: Transformer<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const { warmUp: bodies, log } = server.options;
  const started = performance.now();
  for (const [index, body] of bodies.entries()) {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, MAX_WAIT_MS)) {
      try {
        await send(server, model, transformer, body, signal);
        break;
      } catch (error) {
        if (signal.aborted) throw error;
        const message = `model '${model.name}': warm-up request ${index + 1} of ${bodies.length} failed, tried again in ${wait} ms`;
        log.error({ error, requestMessage: InferenceError.from(error).message }, message);
        await delay(wait, undefined, { signal });
      }
    }
  }
  if (bodies.length === 0) return;
  const milliseconds = Math.round(performance.now() - started);
  log.info({ requests: bodies.length, milliseconds }, `model '${model.name}' is warm`);
}

/** The pipeline as a client's request takes it, without admission and accounting: it is nobody's request. */
async function send(
  server: ModelServer,
  model: Model,
  transformer: Transformer<unknown>,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const exchange = new TensorExchange(selectCodec(isV2(body) ? "v2" : "v1"));
  const headers = { "content-type": "application/json" };
  const incoming: Incoming = {
    modelName: model.name,
    modelVersion: undefined,
    verb: "predict",
    message: { headers, body: [body] },
    headers,
    requestId: `warm-up-${randomUUID()}`,
    signal,
  };
  const context = exchange.createContext(server, model, incoming, transformer);
  try {
    await exchange.respond({ server, incoming, model, transformer, context, fail: () => undefined });
  } finally {
    context.close();
  }
}

/** V2's inputs are objects with a datatype. */
function isV2(body: Uint8Array): boolean {
  return /"datatype"\s*:/.test(Buffer.from(body).toString("utf8"));
}
