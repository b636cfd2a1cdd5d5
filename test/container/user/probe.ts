import { accessSync, constants } from "node:fs";
import { type InferRequest, type InferResponse, Transformer } from "kserve-transformer";

/** Adds to the predictor's answers who the process is and where it could write. */
export default class Probe extends Transformer {
  override postprocess(response: InferResponse): InferResponse {
    const seen = {
      user: process.getuid?.() ?? -1,
      writable: ["/", "/app", "/transformer", "/tmp"].filter(isWritable),
    };
    return response.withPredictions(response.predictions.map((value) => ({ value, ...seen })));
  }

  override preprocess(request: InferRequest): InferRequest {
    return request;
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
