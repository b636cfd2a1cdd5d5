import { nearestName } from "../../../nearest-name.ts";
import {
  KNATIVE_PORT_NAMES,
  KNATIVE_REFUSED_CONTAINER_FIELDS,
  KNATIVE_REFUSED_POD_FIELDS,
  KNATIVE_RESERVED_ENVIRONMENT,
  KNATIVE_RESERVED_PORTS,
} from "../../knative.ts";
import type { Field } from "../field.ts";
import { error, type Remark, warning } from "../finding.ts";
import { findFlag } from "./arguments.ts";
import { components, standardOnly } from "./scaling-checks.ts";
import type { Service, ServiceCheckTable } from "./service.ts";

export const MODE_CHECKS: ServiceCheckTable = {
  "deployment-mode": checkDeploymentMode,
  timeout: checkTimeout,
  "knative-port": checkKnativePorts,
  "knative-field": checkKnativeFields,
  "knative-environment": checkKnativeEnvironment,
};

const MODES: readonly string[] = ["Standard", "Knative", "ModelMesh", "RawDeployment", "Serverless"];

function* checkDeploymentMode({ root }: Service): Iterable<Remark> {
  const field = root.at("metadata", "annotations", "serving.kserve.io/deploymentMode");
  if (field.text === undefined || MODES.includes(field.text)) return;
  const near = nearestName(field.text, MODES);
  yield error(
    field,
    `KServe knows no deployment mode ${field.text}: the service is admitted and its controller fails.`,
    `Write ${near ?? "Standard or Knative"}.`,
    near === undefined ? undefined : field.toWritten(near),
  );
}

function* checkTimeout(service: Service): Iterable<Remark> {
  for (const component of components(service)) {
    const field = component.at("timeout");
    if ((field.number ?? 1) < 1)
      yield error(field, `A timeout of ${field.source} s is none.`, "Write 1 or more, or remove it.");
  }
  const inStandard = standardOnly(service);
  const flags = ["request_timeout_seconds", "predictor_request_timeout_seconds"];
  const isKept = service.transformers.some(({ field }) => findFlag(field, ...flags) !== undefined);
  if (inStandard === undefined || isKept) return;
  for (const component of components(service)) {
    const field = component.at("timeout");
    if (!field.exists || (field.number ?? 1) < 1) continue;
    yield warning(
      field,
      `${inStandard} timeout reaches no container: at most a Gateway API route reads it.`,
      `Write args: [--request_timeout_seconds, "${field.source}"] for the transformer as well.`,
    );
  }
}

function* checkKnativePorts({ mode, containers, predictor, transformer }: Service): Iterable<Remark> {
  if (mode !== "Knative") return;
  for (const component of [predictor, transformer]) {
    const ports = containers
      .filter((container) => container.component.path === component.path)
      .flatMap(({ field }) => field.at("ports").items());
    const [first, second] = ports;
    if (second !== undefined) {
      yield error(
        second,
        `Knative takes one port for a pod, and ${component.path} has ${ports.length}.`,
        "Keep one of them; called h2c it brings gRPC and REST, which this package answers on one port.",
      );
    }
    const name = first?.at("name");
    if (first !== undefined && !KNATIVE_PORT_NAMES.includes(name?.text ?? "")) {
      yield error(
        name ?? first,
        `Knative refuses the port name ${name?.text}.`,
        "Write http1 or h2c, or leave it out.",
      );
    }
    const number = first?.at("containerPort");
    if (number !== undefined && KNATIVE_RESERVED_PORTS.includes(number.number ?? 0)) {
      yield error(
        number,
        `Knative keeps port ${number.source} for its own sidecar.`,
        "Take another, for example 8080.",
      );
    }
  }
}

function* checkKnativeFields(service: Service): Iterable<Remark> {
  if (service.mode !== "Knative") return;
  const refused = [
    ...service.containers.flatMap(({ field }) => present(field, KNATIVE_REFUSED_CONTAINER_FIELDS)),
    ...components(service).flatMap((component) => present(component, KNATIVE_REFUSED_POD_FIELDS)),
  ];
  for (const field of refused) {
    yield error(
      field,
      "Knative refuses this field: its sidecar drains a pod, and the revision's timeout is its grace period.",
      "Remove it.",
      field.toRemoved(),
    );
  }
  for (const component of components(service)) {
    const strategy = component.at("deploymentStrategy");
    if (!strategy.exists) continue;
    const message = "KServe refuses a deployment strategy in Knative mode.";
    yield error(strategy, message, "Remove it.", strategy.toRemoved());
  }
}

function* checkKnativeEnvironment({ mode, containers }: Service): Iterable<Remark> {
  if (mode !== "Knative") return;
  for (const { field } of containers) {
    for (const entry of field.at("env").items()) {
      const name = entry.at("name");
      if (!KNATIVE_RESERVED_ENVIRONMENT.includes(name.text ?? "")) continue;
      const message = `Knative sets ${name.text} itself and refuses it here.`;
      yield error(name, message, "Remove it.", entry.toRemoved());
    }
  }
}

function present(parent: Field, names: readonly string[]): readonly Field[] {
  return names.map((name) => parent.at(name)).filter((field) => field.exists);
}
