import type { Remark } from "../finding.ts";
import type { Service } from "../service/service.ts";
import { checkExtendedResources, checkMemoryUnits } from "./amount-checks.ts";
import { checkNamesInPod } from "./container-name-checks.ts";
import { checkImageReference } from "./image-reference-checks.ts";
import { checkChoices, checkEnvironmentValues, checkHandlers, checkRequiredFields } from "./value-checks.ts";
import { checkVolumeMounts, checkVolumes } from "./volume-checks.ts";

/** Rules of the API server and the kubelet, which KServe's webhook leaves to them. */
export const POD_CHECKS: Readonly<Record<string, (service: Service) => Iterable<Remark>>> = {
  "memory-unit": checkMemoryUnits,
  "extended-resource": checkExtendedResources,
  "volume-mount": checkVolumeMounts,
  volume: checkVolumes,
  "pod-container-name": checkNamesInPod,
  choice: checkChoices,
  "required-field": checkRequiredFields,
  "environment-value": checkEnvironmentValues,
  handler: checkHandlers,
  "image-reference": checkImageReference,
};
