import { MAX_DNS_LABEL_LENGTH } from "../../../contract/names.ts";
import type { Field } from "../field.ts";
import { error, type Remark } from "../finding.ts";
import type { Service, ServiceCheckTable } from "../service/service.ts";
import { podsOf } from "./pods.ts";

export const CONTAINER_NAME_CHECKS: ServiceCheckTable = {
  "pod-container-name": checkNamesInPod,
};

/** The controller names the first container of a component, and no other. */
function* checkNamesInPod(service: Service): Iterable<Remark> {
  for (const { frameworks, containers, initContainers } of podsOf(service)) {
    const others = frameworks.length > 0 ? containers : containers.slice(1);
    const seen = new Set<string>();
    for (const container of [...others, ...initContainers]) {
      const name = container.at("name");
      const remark = judge(name, seen);
      if (remark !== undefined) yield remark;
      if (name.text !== undefined) seen.add(name.text);
    }
  }
}

function judge(name: Field, seen: ReadonlySet<string>): Remark | undefined {
  if (!name.isFilled || name.text === "") {
    return error(
      name,
      "The container has no name: the service is admitted, then its Deployment is refused.",
      "Write name: in lower-case letters, digits and dashes.",
    );
  }
  const { text } = name;
  if (text === undefined) return undefined;
  if (seen.has(text))
    return error(
      name,
      `Two containers of this pod are called ${text}: the pod is refused.`,
      "Give each a name of its own.",
    );
  if (/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text) && text.length <= MAX_DNS_LABEL_LENGTH) return undefined;
  return error(
    name,
    `${text} is no container's name: the service is admitted, then its Deployment is refused.`,
    `Take lower-case letters, digits and dashes, at most ${MAX_DNS_LABEL_LENGTH}.`,
  );
}
