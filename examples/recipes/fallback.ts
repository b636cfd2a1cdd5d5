import {
  InferenceError,
  type InferRequest,
  type InferResponse,
  type RequestContext,
  Transformer,
} from "kserve-transformer";

/** Gives a neutral score while the predictor is away, and says so in a header. */
export default class Fallback extends Transformer {
  override async predict(request: InferRequest, context: RequestContext): Promise<InferResponse> {
    try {
      return await context.predictor.infer(request);
    } catch (error) {
      if (!InferenceError.isInstance(error) || error.code !== "unavailable") throw error;
      context.log.warn({ error }, "the predictor is away: neutral scores");
      context.responseHeaders["x-fallback"] = "1";
      return request.reply({ predictions: request.instances.map(() => 0.5) });
    }
  }
}
