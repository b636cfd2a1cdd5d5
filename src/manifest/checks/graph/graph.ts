import type { Field } from "../field.ts";
import type { Remark } from "../finding.ts";

/** An InferenceGraph as its checks see it. */
export interface Graph {
  readonly root: Field;
  readonly nodes: readonly GraphNode[];
}

export interface GraphNode {
  readonly name: string;
  readonly field: Field;
  /** Sequence, Switch, Ensemble, Splitter. */
  readonly type: string | undefined;
  readonly steps: readonly Field[];
}

/** Checks by the name that their findings carry. */
export type GraphCheckTable = Readonly<Record<string, (graph: Graph) => Iterable<Remark>>>;

export const TARGETS: readonly string[] = ["serviceName", "serviceUrl", "nodeName"];

export function readGraph(root: Field): Graph {
  const nodes = root
    .at("spec", "nodes")
    .fields()
    .map(([name, field]) => ({ name, field, type: field.at("routerType").text, steps: field.at("steps").items() }));
  return { root, nodes };
}
