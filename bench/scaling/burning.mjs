import { Transformer } from "kserve-transformer";

/** Work of a fixed count of steps on either side of the predictor: a few milliseconds, so that clients cost little beside it. */
const STEPS = 1_500_000;

function burn() {
  let state = 1;
  for (let i = 0; i < STEPS; i++) state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return state;
}

export default class Burning extends Transformer {
  preprocess(request) {
    return request.withMembers({ burnt: burn() });
  }

  postprocess(response) {
    return response.withMembers({ burnt: burn() });
  }
}
