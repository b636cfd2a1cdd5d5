import type { InferRequest, Predictor } from "kserve-transformer";

/** The same predictor, and every request that it was asked. */
export function recordPredictor(predictor: Predictor): {
  readonly predictor: Predictor;
  readonly sent: InferRequest[];
} {
  const sent: InferRequest[] = [];
  return {
    sent,
    predictor: {
      description: predictor.description,
      infer: (request, options) => {
        sent.push(request);
        return predictor.infer(request, options);
      },
      ready: (options) => predictor.ready(options),
      metadata: (options) => predictor.metadata(options),
      close: () => predictor.close(),
    },
  };
}
