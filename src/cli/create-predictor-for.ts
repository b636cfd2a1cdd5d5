import type { Predictor } from "../predictor/predictor.ts";
import type { PredictorChoice } from "./predictor-choice.ts";

/** The predictor of a choice; the code of the others is not loaded. */
export async function createPredictorFor(choice: PredictorChoice): Promise<Predictor | undefined> {
  switch (choice.kind) {
    case "none":
      return undefined;
    case "onnx": {
      const { createOnnxPredictor } = await import("../predictor/onnx-predictor.ts");
      const predictor = createOnnxPredictor({ path: choice.path, modelName: choice.predictorModelName });
      // Loads the model now: a file that is none should end the start, not the first request.
      await predictor.metadata();
      return predictor;
    }
    case "http": {
      const { createHttpPredictor } = await import("../predictor/http-predictor.ts");
      return createHttpPredictor(choice.options);
    }
  }
}
