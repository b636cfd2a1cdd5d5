import { FIELD_CHECKS } from "../field-checks.ts";
import { POD_CHECKS } from "../pod/pod-checks.ts";
import { ANNOTATION_CHECKS } from "./annotation-checks.ts";
import { ARGUMENT_CHECKS } from "./argument-checks.ts";
import { CANARY_CHECKS } from "./canary-checks.ts";
import { COLLOCATION_CHECKS } from "./collocation-checks.ts";
import { CONTAINER_CHECKS } from "./container-checks.ts";
import { MODE_CHECKS } from "./mode-checks.ts";
import { NAME_CHECKS } from "./name-checks.ts";
import { PORT_CHECKS } from "./port-checks.ts";
import { PREDICTOR_CHECKS } from "./predictor-checks.ts";
import { SCALING_CHECKS } from "./scaling-checks.ts";
import type { ServiceCheckTable } from "./service.ts";
import { SIDECAR_CHECKS } from "./sidecar-checks.ts";

/** Every check of an InferenceService by the name that its findings carry. */
export const SERVICE_CHECKS: ServiceCheckTable = {
  ...NAME_CHECKS,
  ...FIELD_CHECKS,
  ...ANNOTATION_CHECKS,
  ...ARGUMENT_CHECKS,
  ...CANARY_CHECKS,
  ...COLLOCATION_CHECKS,
  ...CONTAINER_CHECKS,
  ...MODE_CHECKS,
  ...PORT_CHECKS,
  ...PREDICTOR_CHECKS,
  ...SCALING_CHECKS,
  ...SIDECAR_CHECKS,
  ...POD_CHECKS,
};
