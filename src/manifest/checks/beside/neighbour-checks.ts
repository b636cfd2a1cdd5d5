import { AUTOSCALER_CHECKS } from "./autoscaler-checks.ts";
import type { NeighbourCheckTable } from "./neighbour.ts";
import { KUBERNETES_SERVICE_CHECKS } from "./service-checks.ts";

/** By kind. */
export const NEIGHBOUR_CHECKS: Readonly<Record<string, NeighbourCheckTable>> = {
  HorizontalPodAutoscaler: AUTOSCALER_CHECKS,
  Service: KUBERNETES_SERVICE_CHECKS,
};
