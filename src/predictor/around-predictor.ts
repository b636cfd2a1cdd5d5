import type { Predictor } from "./predictor.ts";

/**
 * A predictor around a predictor: what `changes` has in place of its own. Without a forwarder, so that every body takes the way
 * over `infer`, where the wrapper sees it.
 */
export function aroundPredictor(
  predictor: Predictor,
  changes: Pick<Predictor, "infer"> & Partial<Pick<Predictor, "proxy" | "close" | "cachesResponses">>,
): Predictor {
  const { description, modelName, cachesResponses, proxy } = predictor;
  return {
    description,
    ...(modelName === undefined ? {} : { modelName }),
    ...(cachesResponses === undefined ? {} : { cachesResponses }),
    ...(proxy === undefined ? {} : { proxy: proxy.bind(predictor) }),
    ready: (options) => predictor.ready(options),
    metadata: (options) => predictor.metadata(options),
    close: () => predictor.close(),
    ...changes,
  };
}
