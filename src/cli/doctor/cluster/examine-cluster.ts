import { error, type Finding, hasErrors, ok, skipped } from "../finding.ts";
import { examineInferenceServices } from "./examine-inference-services.ts";
import { at, type Kubectl, textAt } from "./kubectl.ts";

/** The cluster that kubectl points to: whether it has KServe, and how the services of the namespace are. */
export async function examineCluster(kubectl: Kubectl, namespace: string | undefined): Promise<Finding[]> {
  const reached = await examineReach(kubectl);
  if (reached.state !== "ok") return [reached];
  const kserve = await examineKServe(kubectl);
  const found = [reached, ...kserve];
  return hasErrors(kserve) ? found : [...found, ...(await examineInferenceServices(kubectl, namespace))];
}

async function examineReach(kubectl: Kubectl): Promise<Finding> {
  const version = await kubectl("version");
  if ("error" in version) {
    if (version.isMissing) return skipped("cluster/kubectl", "there is no kubectl here");
    const isUnset = /localhost:8080|no configuration|current-context is not set/.test(version.error);
    if (isUnset) return skipped("cluster/kubectl", "kubectl points to no cluster");
    return error(
      "cluster/kubectl",
      `the cluster does not answer: ${version.error}`,
      "Look at kubectl config current-context, at the VPN, and log in again.",
    );
  }
  const server = textAt(version.json, "serverVersion", "gitVersion");
  if (server === undefined) return skipped("cluster/kubectl", "kubectl points to no cluster");
  return ok("cluster/kubectl", `Kubernetes ${server}`);
}

async function examineKServe(kubectl: Kubectl): Promise<Finding[]> {
  const crd = await kubectl("get", "crd", "inferenceservices.serving.kserve.io");
  if ("error" in crd) {
    if (/forbidden/i.test(crd.error)) return [skipped("cluster/kserve", "you may not look at the CRDs")];
    return [
      error(
        "cluster/kserve",
        "there is no InferenceService: KServe is not installed",
        "Install KServe 0.20: its quick start, or the charts kserve-crd and kserve.",
      ),
    ];
  }
  const controller = await kubectl("get", "deployment", "kserve-controller-manager", "-n", "kserve");
  if ("error" in controller)
    return [skipped("cluster/kserve", `its controller cannot be seen in the namespace kserve: ${controller.error}`)];
  const available = Number(at(controller.json, "status", "availableReplicas") ?? 0);
  if (available === 0) {
    return [
      error(
        "cluster/kserve",
        "its controller does not run: nothing that is applied becomes a pod",
        "Look at kubectl -n kserve describe deployment kserve-controller-manager; cert-manager must be there for its webhook.",
      ),
    ];
  }
  return [ok("cluster/kserve", "installed, its controller runs"), ...(await examineMode(kubectl))];
}

/** The default mode must be one that the cluster can do. */
async function examineMode(kubectl: Kubectl): Promise<Finding[]> {
  const config = await kubectl("get", "configmap", "inferenceservice-config", "-n", "kserve");
  const deploy = "error" in config ? undefined : textAt(config.json, "data", "deploy");
  const mode = deploy === undefined ? undefined : /"defaultDeploymentMode"\s*:\s*"(\w+)"/.exec(deploy)?.[1];
  if (mode === undefined) return [];
  if (mode !== "Serverless" && mode !== "Knative") return [ok("cluster/mode", mode)];
  const knative = await kubectl("get", "crd", "services.serving.knative.dev");
  if (!("error" in knative)) return [ok("cluster/mode", mode)];
  return [
    error(
      "cluster/mode",
      `the default mode is ${mode}, and Knative is not installed`,
      'Set "defaultDeploymentMode": "Standard" in the ConfigMap inferenceservice-config, or the annotation serving.kserve.io/deploymentMode: Standard on the service.',
    ),
  ];
}
