import { nearestName } from "../../../nearest-name.ts";
import type { Field } from "../field.ts";
import { error, type Remark } from "../finding.ts";
import type { Service, ServiceCheckTable } from "../service/service.ts";
import { everyContainer, podsOf } from "./pods.ts";

export const VALUE_CHECKS: ServiceCheckTable = {
  choice: checkChoices,
  "required-field": checkRequiredFields,
  "environment-value": checkEnvironmentValues,
  handler: checkHandlers,
};

const PROBES = ["readinessProbe", "livenessProbe", "startupProbe"];
const HOOKS = [
  ["lifecycle", "postStart"],
  ["lifecycle", "preStop"],
];
const HANDLERS = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];

/** Fields of a container that take a few words only, by where they stand; `[]` for every entry of a list. */
const CONTAINER_CHOICES: Readonly<Record<string, readonly string[]>> = {
  "ports.[].protocol": ["TCP", "UDP", "SCTP"],
  imagePullPolicy: ["Always", "IfNotPresent", "Never"],
  terminationMessagePolicy: ["File", "FallbackToLogsOnError"],
  "volumeMounts.[].mountPropagation": ["None", "HostToContainer", "Bidirectional"],
  "readinessProbe.httpGet.scheme": ["HTTP", "HTTPS"],
  "livenessProbe.httpGet.scheme": ["HTTP", "HTTPS"],
  "startupProbe.httpGet.scheme": ["HTTP", "HTTPS"],
  "lifecycle.preStop.httpGet.scheme": ["HTTP", "HTTPS"],
  "lifecycle.postStart.httpGet.scheme": ["HTTP", "HTTPS"],
};

const POD_CHOICES: Readonly<Record<string, readonly string[]>> = {
  restartPolicy: ["Always"],
  dnsPolicy: ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"],
  preemptionPolicy: ["PreemptLowerPriority", "Never"],
  "tolerations.[].operator": ["Exists", "Equal"],
  "tolerations.[].effect": ["NoSchedule", "PreferNoSchedule", "NoExecute"],
};

/** What the API server wants beside its neighbours, where KServe's schema is content without. */
const REQUIRED: readonly (readonly [place: string, field: string, example: string])[] = [
  ["env.[]", "name", "name: MODEL_LABELS"],
  ["env.[].valueFrom.secretKeyRef", "key", "key: the name of one value in that Secret"],
  ["env.[].valueFrom.secretKeyRef", "name", "name: the Secret's"],
  ["env.[].valueFrom.configMapKeyRef", "key", "key: the name of one value in that ConfigMap"],
  ["env.[].valueFrom.configMapKeyRef", "name", "name: the ConfigMap's"],
  ["env.[].valueFrom.fieldRef", "fieldPath", "fieldPath: metadata.name"],
  ["env.[].valueFrom.resourceFieldRef", "resource", "resource: limits.memory"],
  ["envFrom.[].secretRef", "name", "name: the Secret's"],
  ["envFrom.[].configMapRef", "name", "name: the ConfigMap's"],
  ["ports.[]", "containerPort", "containerPort: 8080"],
  ["volumeMounts.[]", "name", "name: the volume's"],
  ["volumeMounts.[]", "mountPath", "mountPath: /mnt/settings"],
  ...[...PROBES, "lifecycle.preStop", "lifecycle.postStart"].flatMap((place) => [
    [`${place}.httpGet`, "port", "port: 8080"] as const,
    [`${place}.tcpSocket`, "port", "port: 8080"] as const,
  ]),
  ...PROBES.map((place) => [`${place}.grpc`, "port", "port: 8080"] as const),
];

function* checkChoices(service: Service): Iterable<Remark> {
  for (const field of everyContainer(service)) yield* wrongChoices(field, CONTAINER_CHOICES);
  for (const { component } of podsOf(service)) yield* wrongChoices(component, POD_CHOICES);
}

function* wrongChoices(parent: Field, table: Readonly<Record<string, readonly string[]>>): Iterable<Remark> {
  for (const [place, choices] of Object.entries(table)) {
    for (const field of fieldsAt(parent, place)) {
      if (field.text === undefined || choices.includes(field.text)) continue;
      const near = nearestName(field.text, choices);
      yield error(
        field,
        `${field.text} is none of ${choices.join(", ")}: the service is admitted, then the API server refuses its pod.`,
        `Write ${near ?? choices[0]}.`,
        near === undefined ? undefined : field.toWritten(near),
      );
    }
  }
}

function* checkRequiredFields(service: Service): Iterable<Remark> {
  for (const container of everyContainer(service)) {
    for (const [place, name, example] of REQUIRED) {
      for (const parent of fieldsAt(container, place)) {
        if (!parent.exists || (parent.at(name).isFilled && parent.at(name).text !== "")) continue;
        yield error(
          parent.at(name),
          `${parent.path.slice(parent.path.lastIndexOf(".") + 1)} has no ${name}: the service is admitted, then the API server refuses its pod.`,
          `Write ${example}.`,
        );
      }
    }
  }
}

/** A value, or where it comes from: never both, and one source. */
function* checkEnvironmentValues(service: Service): Iterable<Remark> {
  for (const container of everyContainer(service)) {
    for (const entry of container.at("env").items()) {
      const from = entry.at("valueFrom");
      if (!from.exists) continue;
      const name = entry.at("name").text ?? "The entry";
      if (entry.at("value").isFilled && entry.at("value").text !== "") {
        yield error(
          from,
          `${name} has value and valueFrom: the service is admitted, then the API server refuses its pod.`,
          "Keep one of them.",
        );
      }
      if (from.kind === "map" && from.fields().length !== 1) {
        yield error(
          from,
          `${name} has ${from.fields().length} sources, and the API server takes one.`,
          "Keep one of secretKeyRef, configMapKeyRef, fieldRef, resourceFieldRef.",
        );
      }
    }
  }
}

/** One handler a probe. A readiness probe without any is filled in; the other probes are refused. */
function* checkHandlers(service: Service): Iterable<Remark> {
  const places = [...PROBES.map((name) => [name]), ...HOOKS];
  for (const container of everyContainer(service)) {
    for (const place of places) {
      const field = container.at(...place);
      if (field.kind !== "map") continue;
      const handlers = field.fields().filter(([name]) => HANDLERS.includes(name));
      const mayBeEmpty = place[0] === "readinessProbe" || service.mode === "Knative";
      if (handlers.length === 1 || (handlers.length === 0 && mayBeEmpty)) continue;
      const names = handlers.map(([name]) => name).join(" and ");
      yield error(
        field,
        handlers.length === 0
          ? `${place.join(".")} asks nothing: the service is admitted, then the API server refuses its pod.`
          : `${place.join(".")} has ${names}: the API server takes one of them and refuses the pod.`,
        handlers.length === 0 ? "Write httpGet: {path: /v2/health/live, port: 8080}." : "Keep one of them.",
      );
    }
  }
}

/** The fields at a place such as `ports.[].protocol`. */
function fieldsAt(parent: Field, place: string): readonly Field[] {
  return place
    .split(".")
    .reduce<readonly Field[]>(
      (fields, key) => fields.flatMap((field) => (key === "[]" ? field.items() : [field.at(key)])),
      [parent],
    );
}
