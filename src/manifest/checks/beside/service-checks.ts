import { HTTP_PORT } from "../../../contract/ports.ts";
import type { Field } from "../field.ts";
import { error, type Remark, warning } from "../finding.ts";
import type { Service } from "../service/service.ts";
import type { NeighbourCheckTable } from "./neighbour.ts";

const SERVICE_LABEL = "serving.kserve.io/inferenceservice";

/** Kubernetes Services that stand beside an InferenceService. */
export const KUBERNETES_SERVICE_CHECKS: NeighbourCheckTable = {
  "service-name": checkName,
  "service-selector": checkSelector,
  "service-port": checkPorts,
};

/** KServe makes Services of these names itself. */
function* checkName(root: Field, services: readonly Service[]): Iterable<Remark> {
  const field = root.at("metadata", "name");
  const owner = services.find(({ name }) =>
    [name, `${name}-predictor`, `${name}-transformer`, `${name}-explainer`].includes(field.text),
  );
  if (owner === undefined || field.text === undefined) return;
  yield error(
    field,
    `KServe makes a Service ${field.text} for ${owner.name} itself: one of the two is overwritten or refused.`,
    "Take another name.",
  );
}

function* checkSelector(root: Field, services: readonly Service[]): Iterable<Remark> {
  const selector = root.at("spec", "selector");
  const app = selector.at("app");
  const named = selector.at(SERVICE_LABEL);
  const service = services.find(({ name }) => name !== undefined && name === named.text);
  if (service !== undefined && !app.exists && !selector.at("component").exists && service.transformer.exists) {
    yield error(
      selector,
      `The selector finds the pods of the predictor and of the transformer alike: half of the requests pass the transformer by.`,
      "Write component: transformer beside it.",
    );
  }
  const name = app.text === undefined ? undefined : /^(?:isvc\.)?(.+)-(predictor|transformer)$/.exec(app.text)?.[1];
  if (name !== undefined && !app.text?.startsWith("isvc.") && services.some((candidate) => candidate.name === name)) {
    yield error(app, `No pod has the label app: ${app.text}; KServe's is isvc.${app.text}.`, `Write isvc.${app.text}.`);
  }
}

function* checkPorts(root: Field, services: readonly Service[]): Iterable<Remark> {
  const selector = root.at("spec", "selector");
  const service = services.find(
    ({ name }) =>
      name !== undefined &&
      (selector.at("app").text === `isvc.${name}-transformer` ||
        (selector.at(SERVICE_LABEL).text === name && selector.at("component").text === "transformer")),
  );
  const [container] = service?.transformers.filter(({ isCollocated }) => !isCollocated) ?? [];
  if (container === undefined) return;
  const ports = container.field.at("ports").items();
  const numbers = ports.length === 0 ? [HTTP_PORT] : ports.flatMap((port) => port.at("containerPort").number ?? []);
  const names = ports.flatMap((port) => port.at("name").text ?? []);
  for (const port of root.at("spec", "ports").items()) {
    const written = port.at("targetPort").exists ? port.at("targetPort") : port.at("port");
    const isThere = written.text === undefined ? numbers.includes(written.number ?? 0) : names.includes(written.text);
    if (isThere) continue;
    yield warning(
      written,
      `Nothing in the transformer's container is declared on ${written.source}: requests to this Service are refused.`,
      `Write targetPort: ${[...names, ...numbers].join(" or ")}.`,
    );
  }
}
