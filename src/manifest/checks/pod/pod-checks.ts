import type { ServiceCheckTable } from "../service/service.ts";
import { AMOUNT_CHECKS } from "./amount-checks.ts";
import { CONTAINER_NAME_CHECKS } from "./container-name-checks.ts";
import { IMAGE_REFERENCE_CHECKS } from "./image-reference-checks.ts";
import { RESOURCE_CHECKS } from "./resource-checks.ts";
import { VALUE_CHECKS } from "./value-checks.ts";
import { VOLUME_CHECKS } from "./volume-checks.ts";

/** Rules of the API server and the kubelet, which KServe's webhook leaves to them. */
export const POD_CHECKS: ServiceCheckTable = {
  ...AMOUNT_CHECKS,
  ...CONTAINER_NAME_CHECKS,
  ...IMAGE_REFERENCE_CHECKS,
  ...RESOURCE_CHECKS,
  ...VALUE_CHECKS,
  ...VOLUME_CHECKS,
};
