import { createTensor, InferRequest, type LoadContext, Transformer } from "kserve-transformer";

/** Asks the model once before it is ready, so that no client waits for its first call. */
export default class WarmUp extends Transformer {
  override async load({ predictor, modelName, signal, log }: LoadContext) {
    const started = performance.now();
    const inputs = [createTensor("image", "FP32", [1, 4], new Float32Array(4))];
    await predictor.infer(InferRequest.create({ modelName, inputs }), { signal });
    log.info({ ms: performance.now() - started }, "the model is warm");
  }
}
