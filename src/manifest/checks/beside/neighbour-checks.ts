import type { Field } from "../field.ts";
import type { Remark } from "../finding.ts";
import type { Service } from "../service/service.ts";
import { AUTOSCALER_CHECKS } from "./autoscaler-checks.ts";
import { KUBERNETES_SERVICE_CHECKS } from "./service-checks.ts";

/** Checks of an object beside the InferenceServices of the same file and namespace. */
export type NeighbourCheckTable = Readonly<
  Record<string, (root: Field, services: readonly Service[]) => Iterable<Remark>>
>;

/** By kind. */
export const NEIGHBOUR_CHECKS: Readonly<Record<string, NeighbourCheckTable>> = {
  HorizontalPodAutoscaler: AUTOSCALER_CHECKS,
  Service: KUBERNETES_SERVICE_CHECKS,
};
