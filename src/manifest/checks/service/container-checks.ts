import { BLOCKED_ENVIRONMENT, MAIN_CONTAINER } from "../../../contract/names.ts";
import type { Field } from "../field.ts";
import { error, type Remark, warning } from "../finding.ts";
import type { Service, ServiceCheckTable } from "./service.ts";

export const CONTAINER_CHECKS: ServiceCheckTable = {
  "transformer-empty": checkTransformerContainers,
  image: checkImages,
  "container-name": checkContainerNames,
  "environment-duplicate": checkDuplicateEnvironment,
  "environment-blocked": checkBlockedEnvironment,
  "environment-name": checkEnvironmentNames,
};

function* checkTransformerContainers({ transformer }: Service): Iterable<Remark> {
  if (!transformer.exists || transformer.at("containers").isFilled) return;
  const hasOtherName = transformer.fields().some(([name]) => ["container", "Containers", "custom"].includes(name));
  if (hasOtherName) return;
  yield error(
    transformer,
    'KServe refuses a transformer without containers: "exactly one of [PodSpec, ComponentExtensionSpec] must be specified".',
    "Write containers: with one entry that has an image.",
  );
}

function* checkImages({ containers, predictors, model }: Service): Iterable<Remark> {
  for (const { field } of containers) {
    if (model !== undefined && predictors.some((predictor) => predictor.path === field.path)) continue;
    const image = field.at("image");
    if (image.isFilled && image.text !== "") continue;
    yield error(
      image,
      "The container has no image: the service is admitted, then its Deployment is refused.",
      "Write image: with a registry's address and a tag.",
    );
  }
}

function* checkContainerNames({ transformer }: Service): Iterable<Remark> {
  const [first, ...others] = transformer.at("containers").items();
  const name = first?.at("name");
  if (name?.text !== undefined && name.text !== MAIN_CONTAINER) {
    yield warning(
      name,
      `The controller renames a transformer's first container: ${name.text} becomes ${MAIN_CONTAINER}.`,
      `Leave the name out or write ${MAIN_CONTAINER}, and look for its logs there.`,
      name.toWritten(MAIN_CONTAINER),
    );
  }
  for (const other of others) {
    if (other.at("name").text !== MAIN_CONTAINER) continue;
    yield error(
      other.at("name"),
      `The controller calls the first container ${MAIN_CONTAINER}, so the pod has two of that name and is refused.`,
      "Put the transformer first and call the others something else.",
    );
  }
}

function* checkDuplicateEnvironment({ containers }: Service): Iterable<Remark> {
  for (const { field } of containers) {
    const lines = new Map<string, number>();
    for (const entry of field.at("env").items()) {
      const name = entry.at("name").text;
      if (name === undefined) continue;
      const line = lines.get(name);
      if (line === undefined) lines.set(name, entry.line);
      else {
        yield error(
          entry.at("name"),
          `${name} is set twice, first in line ${line}: the API server refuses a duplicate.`,
          "Keep one of them.",
        );
      }
    }
  }
}

function* checkBlockedEnvironment({ containers }: Service): Iterable<Remark> {
  for (const entry of environmentNames(containers)) {
    if (!BLOCKED_ENVIRONMENT.includes(entry.text ?? "")) continue;
    yield error(
      entry,
      `KServe refuses ${entry.text} in any container, for security reasons.`,
      "Remove it and install what it pointed at into the image.",
    );
  }
}

function* checkEnvironmentNames({ containers }: Service): Iterable<Remark> {
  for (const name of environmentNames(containers)) {
    if (name.text === undefined || name.text === "" || /^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name.text)) continue;
    yield error(
      name,
      `${JSON.stringify(name.text)} is no name of an environment variable: the service is admitted, then its Deployment is refused.`,
      "Take letters, digits, _, - and ., no digit first.",
    );
  }
}

function environmentNames(containers: Service["containers"]): readonly Field[] {
  return containers.flatMap(({ field }) =>
    field
      .at("env")
      .items()
      .map((entry) => entry.at("name")),
  );
}
