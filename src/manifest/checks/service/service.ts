import { COLLOCATED_CONTAINER } from "../../../contract/names.ts";
import type { Field } from "../field.ts";
import type { Remark } from "../finding.ts";
import { FRAMEWORK_FIELDS } from "../known-fields.ts";

/** Checks by the name that their findings carry. */
export type ServiceCheckTable = Readonly<Record<string, (service: Service) => Iterable<Remark>>>;

/** An InferenceService as its checks see it. */
export interface Service {
  readonly root: Field;
  readonly name: string | undefined;
  /** The manifest's own, else the one that the caller named, else `default`. */
  readonly namespace: string;
  /** Undefined where neither manifest nor caller names one: the cluster then decides. */
  readonly mode: string | undefined;
  readonly predictor: Field;
  readonly transformer: Field;
  /** The fields of the predictor that each are one: `model`, `sklearn` …, or the containers of an own one. */
  readonly predictors: readonly Field[];
  /** The stock predictor: `model`, or the framework's own field. */
  readonly model: Field | undefined;
  /** Every container of the service. */
  readonly containers: readonly Container[];
  /** The containers that transform: the first of `spec.transformer`, and the one in the predictor's pod. */
  readonly transformers: readonly Container[];
}

export interface Container {
  readonly field: Field;
  /** `spec.predictor`, `spec.transformer` or `spec.explainer`. */
  readonly component: Field;
  readonly isTransformer: boolean;
  /** In the predictor's pod. */
  readonly isCollocated: boolean;
}

export interface ServiceSurroundings {
  /** Namespace of manifests that name none. @default "default" */
  readonly namespace?: string;
  /** The cluster's deployment mode, for manifests that name none. */
  readonly mode?: "Standard" | "Knative";
}

const MODE_NAMES: Readonly<Record<string, string>> = { RawDeployment: "Standard", Serverless: "Knative" };

export function readService(root: Field, surroundings: ServiceSurroundings): Service {
  const written = root.at("metadata", "annotations", "serving.kserve.io/deploymentMode").text;
  const predictor = root.at("spec", "predictor");
  const transformer = root.at("spec", "transformer");
  const containers = [
    ...componentContainers(predictor),
    ...frameworks(predictor).map((field) => ({
      field,
      component: predictor,
      isTransformer: false,
      isCollocated: false,
    })),
    ...componentContainers(transformer),
    ...componentContainers(root.at("spec", "explainer")),
  ];
  const own = predictor
    .at("containers")
    .items()
    .filter((field) => field.at("name").text !== COLLOCATED_CONTAINER);
  const stock = frameworks(predictor);
  return {
    root,
    name: root.at("metadata", "name").text,
    namespace: root.at("metadata", "namespace").text ?? surroundings.namespace ?? "default",
    mode: written === undefined ? surroundings.mode : (MODE_NAMES[written] ?? written),
    predictor,
    transformer,
    predictors: stock.length > 0 ? stock : own.slice(0, 1),
    model: stock[0],
    containers,
    transformers: containers.filter((container) => container.isTransformer),
  };
}

function frameworks(predictor: Field): readonly Field[] {
  return predictor
    .fields()
    .filter(([name]) => name === "model" || FRAMEWORK_FIELDS.includes(name))
    .map(([, field]) => field);
}

function componentContainers(component: Field): readonly Container[] {
  const isPredictor = component.path === "spec.predictor";
  const isTransformerSection = component.path === "spec.transformer";
  return component
    .at("containers")
    .items()
    .map((field, index) => {
      const isCollocated = isPredictor && field.at("name").text === COLLOCATED_CONTAINER;
      return { field, component, isTransformer: isCollocated || (isTransformerSection && index === 0), isCollocated };
    });
}

/** True where the logger or the batcher of a component puts KServe's agent before its container. */
export function hasAgent(component: Field): boolean {
  return component.at("batcher").exists || component.at("logger").exists;
}
