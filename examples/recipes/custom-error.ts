import { InferenceError, type InferRequest, Transformer } from "kserve-transformer";

/** Responds with a status, a header and a body of its own. */
export default class Quota extends Transformer {
  #left = 1;

  override preprocess(request: InferRequest) {
    if (this.#left > 0) {
      this.#left -= 1;
      return request;
    }
    throw new InferenceError("the quota is used up", {
      code: "resource_exhausted",
      headers: { "retry-after": "60" },
      body: { title: "Quota used up", retry_in_seconds: 60 },
    });
  }
}
