import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { InferenceError } from "../../errors.ts";
import { selectCodec } from "../../protocol/select-codec.ts";
import type { Model } from "../../transformer/model.ts";
import type { Transformer } from "../../transformer/transformer.ts";
import type { Incoming } from "../exchange/exchange.ts";
import { TensorExchange } from "../exchange/tensor-exchange.ts";
import type { ModelServer } from "../model-server.ts";

const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 15_000;
/** The request's own fault: waiting does not help. A predictor that still starts may say so of a good one, so not at once. */
const OWN_FAULTS: ReadonlySet<number> = new Set([400, 413, 415, 422, 501]);
const MAX_OWN_FAULTS = 3;

/**
 * Sends the requests through hooks and predictor, in their order, until all of them have succeeded: a predictor that starts
 * beside is waited for, and the model is not ready before. Each failure is logged.
 *
 * @throws InferenceError for a request that fails three times by its own fault.
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
    const place = `warm-up request ${index + 1} of ${bodies.length}`;
    let ownFaults = 0;
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, MAX_WAIT_MS)) {
      try {
        await send(server, model, transformer, body, signal);
        break;
      } catch (error) {
        if (signal.aborted) throw error;
        const failure = InferenceError.from(error);
        if (OWN_FAULTS.has(failure.status)) ownFaults += 1;
        if (ownFaults === MAX_OWN_FAULTS) {
          throw new InferenceError(`${place} cannot succeed: ${failure.message}`, { code: failure.code, cause: error });
        }
        const message = `model '${model.name}': ${place} failed, tried again in ${wait} ms`;
        log.error({ error, requestMessage: failure.message }, message);
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
