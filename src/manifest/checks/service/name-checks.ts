import { MAX_DNS_LABEL_LENGTH, MAX_SERVICE_NAME_LENGTH, SERVICE_NAME } from "../../../contract/names.ts";
import { error, type Remark } from "../finding.ts";
import type { Service, ServiceCheckTable } from "./service.ts";

export const NAME_CHECKS: ServiceCheckTable = {
  "api-version": checkApiVersion,
  name: checkName,
  "name-length": checkNameLength,
};

function* checkApiVersion({ root }: Service): Iterable<Remark> {
  const field = root.at("apiVersion");
  if (field.text === "serving.kserve.io/v1beta1") return;
  yield error(
    field,
    `${field.text ?? "The empty version"} is not KServe's: no cluster with KServe 0.7 or later takes it.`,
    "Write serving.kserve.io/v1beta1.",
    field.toWritten("serving.kserve.io/v1beta1"),
  );
}

function* checkName({ root, name }: Service): Iterable<Remark> {
  const field = root.at("metadata", "name");
  if (name === undefined) {
    if (!root.at("metadata", "generateName").exists && !field.exists) {
      yield error(field, "The service has no name.", "Write metadata.name.");
    }
  } else if (!SERVICE_NAME.test(name)) {
    yield error(
      field,
      `KServe refuses the name ${name}: it must be lower-case letters, digits and dashes, a letter first and no dash last.`,
      `Write ${suggestName(name)}.`,
    );
  }
}

/** `isvc.NAME-transformer` is a label's value, `NAME-transformer-NAMESPACE` a part of a host name. */
function* checkNameLength({ root, name, namespace, transformer, predictor }: Service): Iterable<Remark> {
  if (name === undefined) return;
  // Beside a canary the predictor has a name of its own, and brings it along.
  const stable = predictor.at("name").text;
  const component = transformer.exists ? "transformer" : stable === undefined ? "predictor" : `${stable}-predictor`;
  const field = root.at("metadata", "name");
  const label = `isvc.${name}-${component}`;
  const longest = MAX_SERVICE_NAME_LENGTH + "transformer".length - component.length;
  if (label.length > MAX_DNS_LABEL_LENGTH) {
    yield error(
      field,
      `The name has ${name.length} characters; it is admitted, then the controller fails on the label ${label}, longer than ${MAX_DNS_LABEL_LENGTH}.`,
      `Take a name of at most ${longest} characters.`,
    );
    return;
  }
  const host = `${name}-${transformer.exists ? "transformer" : "predictor"}-${namespace}`;
  if (host.length > MAX_DNS_LABEL_LENGTH) {
    yield error(
      field,
      `The host name ${host} has ${host.length} characters before the first dot; the controller fails beyond ${MAX_DNS_LABEL_LENGTH}.`,
      `Take a name of at most ${MAX_DNS_LABEL_LENGTH - (host.length - name.length)} characters in the namespace ${namespace}.`,
    );
  }
}

function suggestName(name: string): string {
  const dashed = name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  const trimmed = dashed.replace(/^[^a-z]+/, "").replace(/-+$/, "");
  return trimmed === "" ? "a name such as clothes" : trimmed;
}
