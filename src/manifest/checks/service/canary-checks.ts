import { error, type Remark, warning } from "../finding.ts";
import { components, standardOnly } from "./scaling-checks.ts";
import type { Service, ServiceCheckTable } from "./service.ts";

export const CANARY_CHECKS: ServiceCheckTable = {
  canary: checkCanaries,
  "canary-percent": checkCanaryPercent,
};

function* checkCanaryPercent(service: Service): Iterable<Remark> {
  const inStandard = standardOnly(service);
  for (const component of components(service)) {
    const field = component.at("canaryTrafficPercent");
    if (field.number === undefined) continue;
    if (field.number < 0 || field.number > 100) {
      yield error(field, `A canary of ${field.source} % is none.`, "Write 0 to 100.");
    } else if (inStandard !== undefined) {
      yield warning(
        field,
        `${inStandard} canaryTrafficPercent has no effect: all traffic goes to the new pods.`,
        "Use Knative mode, or spec.canary with a predictor of another name.",
      );
    }
  }
}

/** `spec.canary` of KServe 0.20. */
function* checkCanaries(service: Service): Iterable<Remark> {
  const canaries = service.root.at("spec", "canary").items();
  if (canaries.length === 0) return;
  if (service.mode === "Knative") {
    yield error(
      service.root.at("spec", "canary"),
      "KServe takes spec.canary in Standard mode only.",
      "Use canaryTrafficPercent in the predictor and the transformer.",
    );
  }
  if (service.transformer.exists) {
    yield warning(
      service.root.at("spec", "canary"),
      "The transformer calls the stable predictor only: the canary gets none of what passes the transformer.",
      "Collocate the transformer with the predictor, or use Knative mode.",
    );
  }
  const stable = service.predictor.at("name").text;
  const names = new Set([stable]);
  let total = 0;
  for (const canary of canaries) {
    const name = canary.at("predictor", "name");
    const percent = canary.at("trafficPercent");
    total += percent.number ?? 0;
    if ((percent.number ?? 0) < 0) yield error(percent, `A canary of ${percent.source} % is none.`, "Write 0 to 100.");
    if (name.text === undefined || names.has(name.text)) {
      yield error(
        name,
        name.text === undefined
          ? "KServe refuses a canary whose predictor has no name."
          : `KServe refuses the canary's name ${name.text}: another predictor has it.`,
        "Write a name of its own, for example canary.",
      );
    }
    names.add(name.text);
    for (const scaling of ["minReplicas", "maxReplicas", "scaleMetric", "scaleTarget"]) {
      const field = canary.at("predictor", scaling);
      if (field.exists) yield warning(field, "KServe gives a canary a fixed number of pods.", "Leave the scaling out.");
    }
  }
  if (total > 100) {
    yield error(service.root.at("spec", "canary"), `The canaries' traffic is ${total} % together.`, "Stay within 100.");
  }
}
