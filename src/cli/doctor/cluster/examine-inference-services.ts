import { checkManifest } from "../../../manifest/checks/check-manifest.ts";
import { error, type Finding, ok, skipped, warning } from "../finding.ts";
import { examinePods } from "./examine-pods.ts";
import { itemsAt, type Kubectl, textAt } from "./kubectl.ts";

/** Every InferenceService of the namespace: its conditions, its pods, and `check` over it as it stands in the cluster. */
export async function examineInferenceServices(kubectl: Kubectl, namespace: string | undefined): Promise<Finding[]> {
  const where = namespace === undefined ? [] : ["-n", namespace];
  const services = await kubectl("get", "inferenceservices", ...where);
  if ("error" in services) return [skipped("cluster/service", services.error)];
  const items = itemsAt(services.json, "items");
  if (items.length === 0)
    return [
      skipped("cluster/service", "there is no InferenceService in this namespace", "Give another with --namespace."),
    ];
  const found = await Promise.all(
    items.map(async (item) => [...(await examineService(kubectl, item, where)), ...judgeManifest(item)]),
  );
  return found.flat();
}

async function examineService(kubectl: Kubectl, service: unknown, where: readonly string[]): Promise<Finding[]> {
  const name = textAt(service, "metadata", "name") ?? "";
  const conditions = itemsAt(service, "status", "conditions");
  const ready = conditions.find((condition) => textAt(condition, "type") === "Ready");
  if (textAt(ready, "status") === "True") {
    return [ok("cluster/service", `${name} is ready at ${textAt(service, "status", "url") ?? "no url"}`)];
  }
  const pods = await kubectl("get", "pods", ...where, "-l", `serving.kserve.io/inferenceservice=${name}`);
  const causes = "error" in pods ? [] : examinePods(itemsAt(pods.json, "items"));
  const failing = conditions.find(
    (condition) => textAt(condition, "status") === "False" && textAt(condition, "type") !== "Ready",
  );
  const [type, message] = [textAt(failing, "type"), textAt(failing, "message") ?? textAt(ready, "message")];
  const said = [type, message].filter((part) => part !== undefined && part !== "").join(": ");
  const fix =
    causes.length > 0
      ? "See its pods below."
      : `kubectl describe inferenceservice ${name} has the events; a predictor that is not ready keeps its transformer waiting.`;
  return [error("cluster/service", `${name} is not ready${said === "" ? "" : ` (${said})`}`, fix), ...causes];
}

/** JSON is YAML; what the cluster added is passed over by `check` as it is in what kubectl prints. */
function judgeManifest(service: unknown): Finding[] {
  const name = textAt(service, "metadata", "name") ?? "";
  const faults = checkManifest(JSON.stringify(service, undefined, 1)).findings;
  return faults.map(({ severity, path, message, fix }) =>
    (severity === "error" ? error : warning)("cluster/manifest", `${name}: ${path}: ${message}`, fix),
  );
}
