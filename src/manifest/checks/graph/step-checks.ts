import { nearestName } from "../../../nearest-name.ts";
import { error, type Remark, warning } from "../finding.ts";
import { type Graph, type GraphCheckTable, TARGETS } from "./graph.ts";

export const STEP_CHECKS: GraphCheckTable = {
  "graph-steps": checkStepsPresent,
  "graph-target": checkTargets,
  "graph-node": checkNodeNames,
  "graph-step-name": checkStepNames,
  "graph-weight": checkWeights,
  "graph-condition": checkConditions,
  "graph-data": checkData,
};

function* checkStepsPresent({ nodes }: Graph): Iterable<Remark> {
  for (const { name, field, steps } of nodes) {
    if (steps.length > 0) continue;
    yield error(
      field.at("steps"),
      `The node ${name} has no steps: each request to it fails.`,
      "Write one step at least.",
    );
  }
}

function* checkTargets({ nodes }: Graph): Iterable<Remark> {
  for (const { steps } of nodes) {
    for (const step of steps) {
      const targets = TARGETS.filter((name) => step.at(name).isFilled && step.at(name).text !== "");
      if (targets.length === 1) continue;
      yield error(
        step,
        targets.length === 0
          ? "KServe refuses a step without a target."
          : `KServe refuses a step with ${targets.join(" and ")}: it goes to one place.`,
        `Keep one of ${TARGETS.join(", ")}.`,
      );
    }
  }
}

function* checkNodeNames({ nodes }: Graph): Iterable<Remark> {
  const names = nodes.map(({ name }) => name);
  const used = new Set(["root"]);
  for (const { steps } of nodes) {
    for (const step of steps) {
      const target = step.at("nodeName");
      if (target.text === undefined) continue;
      used.add(target.text);
      if (names.includes(target.text)) continue;
      const near = nearestName(target.text, names);
      yield error(
        target,
        `The graph has no node ${target.text}: the graph is admitted, and each request to it fails.`,
        near === undefined ? `Write one of ${names.join(", ")}, or serviceName for a service.` : `Write ${near}.`,
      );
    }
  }
  for (const { name, field } of nodes) {
    if (used.has(name)) continue;
    yield warning(
      field,
      `No step leads to the node ${name}: no request comes here.`,
      "Name it in a step, or remove it.",
    );
  }
}

function* checkStepNames({ nodes }: Graph): Iterable<Remark> {
  for (const { name: node, steps } of nodes) {
    const seen = new Set<string>();
    for (const step of steps) {
      const name = step.at("name");
      if (name.text === undefined) continue;
      if (seen.has(name.text)) {
        yield error(
          name,
          `KServe refuses two steps called ${name.text} in the node ${node}.`,
          "Give each its own name.",
        );
      }
      seen.add(name.text);
    }
  }
}

function* checkWeights({ nodes }: Graph): Iterable<Remark> {
  for (const { name, type, field, steps } of nodes) {
    const weights = steps.map((step) => step.at("weight"));
    if (type !== "Splitter") {
      for (const weight of weights.filter(({ exists }) => exists)) {
        yield warning(weight, `A ${type} reads no weight.`, "Remove it, or make the node a Splitter.");
      }
      continue;
    }
    const missing = weights.filter(({ exists }) => !exists);
    for (const weight of missing) {
      yield error(
        weight,
        `KServe refuses a step of the splitter ${name} without a weight.`,
        "Write weight: in percent.",
      );
    }
    const total = weights.reduce((sum, weight) => sum + (weight.number ?? 0), 0);
    if (missing.length === 0 && total !== 100) {
      yield error(
        field.at("steps"),
        `The weights of the splitter ${name} are ${total} together, and KServe takes 100 only.`,
        "Make them 100 together.",
      );
    }
  }
}

function* checkConditions({ nodes }: Graph): Iterable<Remark> {
  for (const { type, steps } of nodes) {
    for (const [index, step] of steps.entries()) {
      const condition = step.at("condition");
      const isWritten = condition.isFilled && condition.text !== "";
      if (type === "Switch" && !isWritten) {
        yield warning(
          condition,
          "A step of a Switch without a condition is never taken.",
          "Write a path that its requests have, for example condition: instances.0.url.",
        );
      } else if ((type === "Ensemble" || type === "Splitter") && isWritten) {
        yield warning(condition, `A ${type} reads no condition.`, "Remove it, or make the node a Switch.");
      } else if (type === "Sequence" && isWritten && index === 0) {
        yield error(
          condition,
          "A condition in a Sequence is asked of the response before, which the first step does not have: each request fails.",
          "Move it to the second step, or make the node a Switch.",
        );
      }
    }
  }
}

/** The router compares with `$response` and knows no other word. */
function* checkData({ nodes }: Graph): Iterable<Remark> {
  for (const { type, steps } of nodes) {
    for (const [index, step] of steps.entries()) {
      const data = step.at("data");
      if (type === "Sequence" && index > 0 && !data.exists) {
        yield warning(
          step,
          "The step gets the client's request and not the response before it, which is lost.",
          "Write data: $response, and mapPredictionsToInstances: true for a service that reads instances.",
        );
      }
      if (data.text === undefined || data.text === "$request") continue;
      if (type !== "Sequence" || index === 0) {
        yield warning(
          data,
          `data is read from the second step of a Sequence on: here the client's request is sent, whatever ${data.text} says.`,
          "Remove it.",
          data.toRemoved(),
        );
      } else if (data.text !== "$response") {
        yield warning(
          data,
          `The router knows $request and $response: with ${data.text} it sends the client's request.`,
          "Write $response, and mapPredictionsToInstances: true for a service that reads instances.",
        );
      }
    }
  }
}
