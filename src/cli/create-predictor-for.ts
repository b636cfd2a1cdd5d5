import { invalidArgument } from "../errors.ts";
import type { Predictor } from "../predictor/predictor.ts";
import type { PredictorChoice } from "./predictor-choice.ts";

/** The predictor of a choice; the code of the others is not loaded. */
export async function createPredictorFor(choice: PredictorChoice): Promise<Predictor | undefined> {
  switch (choice.kind) {
    case "none":
      return undefined;
    case "onnx":
      throw invalidArgument("--predictor onnx: is not there yet");
    case "http": {
      const { createHttpPredictor } = await import("../predictor/http-predictor.ts");
      return createHttpPredictor(choice.options);
    }
  }
}
