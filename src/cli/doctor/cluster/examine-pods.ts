import { error, type Finding, warning } from "../finding.ts";
import { at, itemsAt, textAt } from "./kubectl.ts";

/** Why pods do not run, by what Kubernetes notes of their containers. */
export function examinePods(pods: readonly unknown[]): Finding[] {
  return pods.flatMap((pod) => {
    const name = textAt(pod, "metadata", "name") ?? "";
    const unscheduled = itemsAt(pod, "status", "conditions").find(
      (condition) => textAt(condition, "type") === "PodScheduled" && textAt(condition, "status") === "False",
    );
    if (unscheduled !== undefined) return [unschedulable(name, textAt(unscheduled, "message") ?? "")];
    const init = itemsAt(pod, "status", "initContainerStatuses");
    const main = itemsAt(pod, "status", "containerStatuses");
    return [...init, ...main].flatMap((status) => examineContainer(name, status));
  });
}

function unschedulable(pod: string, message: string): Finding {
  return error(
    "cluster/pod",
    `${pod} has no node: ${message}`,
    "Lower resources.requests, or add a node that has what it asks for; a GPU needs its device plugin.",
  );
}

const WAITING: Readonly<Record<string, string>> = {
  ImagePullBackOff: "Look at the image's name and tag, and give imagePullSecrets where the registry wants them.",
  ErrImagePull: "Look at the image's name and tag, and give imagePullSecrets where the registry wants them.",
  ErrImageNeverPull: "Load the image into the node, or let imagePullPolicy be IfNotPresent.",
  InvalidImageName: "Fix the image's name: lower case, one tag.",
  CreateContainerConfigError:
    "A ConfigMap or Secret that the pod names is missing, or the image's user is root where runAsNonRoot is set.",
  CreateContainerError: "Look at kubectl describe pod: a volume, or the command.",
};

function examineContainer(pod: string, status: unknown): Finding[] {
  const place = `${pod}, container ${textAt(status, "name") ?? ""}`;
  const reason = textAt(status, "state", "waiting", "reason");
  const ended = at(status, "lastState", "terminated") ?? at(status, "state", "terminated");
  if (textAt(ended, "reason") === "OOMKilled") {
    return [
      error(
        "cluster/pod",
        `${place}: took more memory than its limit and was killed`,
        "Raise resources.limits.memory, or bound what comes in: --max_body_bytes, --max_concurrency.",
      ),
    ];
  }
  const known = reason === undefined ? undefined : WAITING[reason];
  if (reason !== undefined && known !== undefined) {
    return [
      error(
        "cluster/pod",
        `${place}: ${reason} (${textAt(status, "state", "waiting", "message") ?? "no message"})`,
        known,
      ),
    ];
  }
  if (reason === "CrashLoopBackOff") {
    const code = at(ended, "exitCode");
    const fix =
      textAt(status, "name") === "storage-initializer"
        ? `The model cannot be fetched: look at storageUri and its credentials. kubectl logs ${pod} -c storage-initializer says why.`
        : `kubectl logs ${pod} --previous says why${code === 2 ? "; code 2 is a flag or a file that cannot be read" : ""}.`;
    return [error("cluster/pod", `${place}: ends again and again (exit code ${String(code ?? "unknown")})`, fix)];
  }
  const restarts = Number(at(status, "restartCount") ?? 0);
  if (restarts < 3) return [];
  return [
    warning("cluster/pod", `${place}: was restarted ${restarts} times`, `kubectl logs ${pod} --previous says why.`),
  ];
}
