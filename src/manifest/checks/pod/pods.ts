import type { Field } from "../field.ts";
import { FRAMEWORK_FIELDS } from "../known-fields.ts";
import type { Service } from "../service/service.ts";

/** A pod as a component of an InferenceService writes it. */
export interface Pod {
  /** `spec.predictor`, `spec.transformer`, `spec.explainer`, or the predictor of a canary. */
  readonly component: Field;
  /** The stock predictor's container, whose runtime may bring volumes and a name of its own. */
  readonly frameworks: readonly Field[];
  readonly containers: readonly Field[];
  readonly initContainers: readonly Field[];
}

/** Every pod that a service describes, the canaries' too. */
export function podsOf({ root }: Service): readonly Pod[] {
  const spec = root.at("spec");
  const canaries = spec
    .at("canary")
    .items()
    .map((canary) => canary.at("predictor"));
  return [spec.at("predictor"), spec.at("transformer"), spec.at("explainer"), ...canaries]
    .filter((component) => component.exists)
    .map((component) => ({
      component,
      frameworks: component
        .fields()
        .filter(
          ([name]) => component.path.endsWith("predictor") && (name === "model" || FRAMEWORK_FIELDS.includes(name)),
        )
        .map(([, field]) => field),
      containers: component.at("containers").items(),
      initContainers: component.at("initContainers").items(),
    }));
}

/** Every container of a service: the pods' own, those that run before them, and the stock predictors'. */
export function everyContainer(service: Service): readonly Field[] {
  return podsOf(service).flatMap((pod) => [...pod.frameworks, ...pod.containers, ...pod.initContainers]);
}
