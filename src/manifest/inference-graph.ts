import { invalidArgument } from "../errors.ts";
import { assertManifests } from "./checks/assert-manifests.ts";
import { defined, type KubernetesObject } from "./kserve-objects.ts";

export interface InferenceGraphOptions {
  /** Lower-case letters, digits and dashes. */
  readonly name: string;
  readonly namespace?: string;
  /** One after the other, one by what the request has, all at once, or one by chance. */
  readonly type: "Sequence" | "Switch" | "Ensemble" | "Splitter";
  readonly steps: readonly GraphStepOptions[];
}

export interface GraphStepOptions {
  /** Name of an InferenceService: its transformer answers where it has one. */
  readonly service: string;
  /** Splitter: percent of the requests. */
  readonly weight?: number;
  /** Switch: a path that the request has, in gjson's words; Sequence: one that the response before has. */
  readonly condition?: string;
}

export interface InferenceGraph extends KubernetesObject {
  readonly apiVersion: "serving.kserve.io/v1alpha1";
  readonly kind: "InferenceGraph";
  readonly spec: {
    readonly nodes: Readonly<Record<string, { readonly routerType: string; readonly steps: readonly object[] }>>;
  };
}

/**
 * An InferenceGraph of one node, whose steps are services. In a Sequence each step gets the predictions before it as its
 * instances, and a step that fails ends the request.
 *
 * @throws InferenceError invalid_argument for what KServe's webhook would refuse or its router ignore
 */
export function createInferenceGraph({ name, namespace, type, steps }: InferenceGraphOptions): InferenceGraph {
  if (steps.length === 0) throw invalidArgument("the graph has no steps; expected one service at least");
  const isChain = type === "Sequence";
  const graph: InferenceGraph = {
    apiVersion: "serving.kserve.io/v1alpha1",
    kind: "InferenceGraph",
    metadata: defined({ name, namespace }),
    spec: {
      nodes: {
        root: {
          routerType: type,
          steps: steps.map(({ service, weight, condition }, index) =>
            defined({
              // The name of a step is the key of its response in an Ensemble.
              name: steps.some((other, place) => other.service === service && place !== index)
                ? `${service}-${index + 1}`
                : service,
              serviceName: service,
              weight,
              condition,
              data: isChain && index > 0 ? "$response" : undefined,
              mapPredictionsToInstances: isChain && index > 0 ? true : undefined,
              dependency: isChain || type === "Ensemble" ? "Hard" : undefined,
            }),
          ),
        },
      },
    },
  };
  assertManifests([graph]);
  return graph;
}
