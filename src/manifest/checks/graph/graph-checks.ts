import { SERVICE_NAME } from "../../../contract/names.ts";
import { nearestName } from "../../../nearest-name.ts";
import { findUnknownFields, findWrongTypes } from "../field-checks.ts";
import { error, type Remark } from "../finding.ts";
import { INFERENCE_GRAPH } from "../known-fields.ts";
import type { Graph, GraphCheckTable } from "./graph.ts";
import { STEP_CHECKS } from "./step-checks.ts";

const ROUTER_TYPES: readonly string[] = ["Sequence", "Switch", "Ensemble", "Splitter"];
const DEPENDENCIES: readonly string[] = ["Soft", "Hard"];

/** Every check of an InferenceGraph: KServe's webhook, and what its router makes of the rest. */
export const GRAPH_CHECKS: GraphCheckTable = {
  "graph-version": checkVersion,
  "graph-name": checkName,
  "graph-unknown-field": ({ root }) => findUnknownFields(root, INFERENCE_GRAPH),
  "graph-field-type": ({ root }) => findWrongTypes(root, INFERENCE_GRAPH),
  "graph-choice": checkChoices,
  "graph-root": checkRoot,
  "graph-circle": checkCircles,
  ...STEP_CHECKS,
};

function* checkVersion({ root }: Graph): Iterable<Remark> {
  const field = root.at("apiVersion");
  if (field.text === "serving.kserve.io/v1alpha1") return;
  yield error(
    field,
    `${field.text ?? "The empty version"} has no InferenceGraph: the object is refused.`,
    "Write serving.kserve.io/v1alpha1.",
    field.toWritten("serving.kserve.io/v1alpha1"),
  );
}

function* checkName({ root }: Graph): Iterable<Remark> {
  const field = root.at("metadata", "name");
  if (field.text === undefined || SERVICE_NAME.test(field.text)) return;
  yield error(
    field,
    `KServe refuses the name ${field.text}: it must be lower-case letters, digits and dashes, a letter first and no dash last.`,
    "Write a name such as clothes-flow.",
  );
}

function* checkChoices({ nodes }: Graph): Iterable<Remark> {
  for (const { field, steps } of nodes) {
    const all = [
      { choice: field.at("routerType"), choices: ROUTER_TYPES },
      ...steps.map((step) => ({ choice: step.at("dependency"), choices: DEPENDENCIES })),
    ];
    for (const { choice, choices } of all) {
      if (choice.text === undefined || choices.includes(choice.text)) continue;
      const near = nearestName(choice.text, choices);
      yield error(
        choice,
        `${choice.text} is none of ${choices.join(", ")}: the object is refused.`,
        `Write ${near ?? choices.join(" or ")}.`,
        near === undefined ? undefined : choice.toWritten(near),
      );
    }
    if (!field.at("routerType").exists) {
      yield error(field, "The node has no routerType: the object is refused.", `Write ${ROUTER_TYPES.join(", ")}.`);
    }
  }
}

function* checkRoot({ root, nodes }: Graph): Iterable<Remark> {
  if (nodes.some(({ name }) => name === "root")) return;
  yield error(
    root.at("spec", "nodes"),
    'KServe refuses a graph without a node called root: "root node not found".',
    "Call the first node root.",
  );
}

/** The router follows nodes without an end. */
function* checkCircles({ nodes }: Graph): Iterable<Remark> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const done = new Set<string>();
  function* visit(name: string, above: readonly string[]): Iterable<Remark> {
    if (done.has(name)) return;
    for (const step of byName.get(name)?.steps ?? []) {
      const next = step.at("nodeName");
      if (next.text === undefined) continue;
      const path = [...above, name];
      if (path.includes(next.text)) {
        yield error(
          next,
          `The nodes go in a circle (${[...path.slice(path.indexOf(next.text)), next.text].join(" → ")}): a request never ends, until the router has no memory left.`,
          "Let one of them name a service instead.",
        );
      } else yield* visit(next.text, path);
    }
    done.add(name);
  }
  for (const { name } of nodes) yield* visit(name, []);
}
