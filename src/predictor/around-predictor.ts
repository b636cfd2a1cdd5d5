import type { Predictor } from "./predictor.ts";

/**
 * A predictor around a predictor: what `changes` has in place of its own. Without a forwarder, so that every body takes the way
 * over `infer`, where the wrapper sees it.
 */
export function aroundPredictor(
  predictor: Predictor,
  changes: Pick<Predictor, "infer"> & Partial<Pick<Predictor, "proxy" | "close">>,
): Predictor {
  const { description, modelName, proxy } = predictor;
  return {
    description,
    ...(modelName === undefined ? {} : { modelName }),
    ...(proxy === undefined ? {} : { proxy: proxy.bind(predictor) }),
    ready: (options) => predictor.ready(options),
    metadata: (options) => predictor.metadata(options),
    close: () => predictor.close(),
    ...changes,
  };
}
