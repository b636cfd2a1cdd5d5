import { Transformer } from "kserve-transformer";

const LABELS = ["setosa", "versicolor", "virginica"];

/** Rows scaled on their way in, the best class named on their way out; python_sdk.py does the same. */
export default class Hooks extends Transformer {
  preprocess(request) {
    return request.withInstances(request.instances.map((row) => row.map((value) => (value - 3) / 2)));
  }

  postprocess(response) {
    return response.withPredictions(
      response.predictions.map((row) => ({ label: LABELS[row.indexOf(Math.max(...row))], scores: row })),
    );
  }
}
