import type { InferRequest, InferResponse, Predictor } from "kserve-transformer";

export interface RecordedPredictor {
  readonly predictor: Predictor;
  /** What it was asked. */
  readonly sent: readonly InferRequest[];
  /** What it answered. */
  readonly received: readonly InferResponse[];
}

/** The same predictor, with a record of what passes through it. */
export function recordPredictor(predictor: Predictor): RecordedPredictor {
  const sent: InferRequest[] = [];
  const received: InferResponse[] = [];
  return {
    sent,
    received,
    predictor: {
      description: predictor.description,
      infer: async (request, options) => {
        sent.push(request);
        const response = await predictor.infer(request, options);
        received.push(response);
        return response;
      },
      ready: (options) => predictor.ready(options),
      metadata: (options) => predictor.metadata(options),
      close: () => predictor.close(),
    },
  };
}
