import { greeting } from "greeting";
import { Transformer } from "kserve-transformer";

/** Answers with what its dependency exports. */
export default class Greeting extends Transformer {
  predict(request) {
    return request.reply({ predictions: request.instances.map(() => greeting) });
  }
}
