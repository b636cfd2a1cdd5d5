import { parseQuantity } from "../../quantity.ts";
import type { Field } from "../field.ts";
import { error, type Remark } from "../finding.ts";
import type { Service, ServiceCheckTable } from "../service/service.ts";

export const RESOURCE_CHECKS: ServiceCheckTable = {
  quantity: checkQuantities,
  limit: checkLimits,
};

/** What KServe 0.20 puts where a transformer's requests and limits have no such key (its ConfigMap can say otherwise). */
const DEFAULTS: Readonly<Record<string, string>> = { cpu: "1", memory: "2Gi" };

function* checkQuantities({ containers }: Service): Iterable<Remark> {
  for (const { field } of containers) {
    for (const side of ["requests", "limits"]) {
      for (const [, quantity] of field.at("resources", side).fields()) {
        if (!quantity.isFilled) continue;
        const amount = amountOf(quantity);
        if (amount !== undefined && amount < 0) {
          yield error(quantity, `${quantity.source} is less than nothing: the pod is refused.`, "Write 0 or more.");
        } else if (amount === undefined) {
          yield error(quantity, `${quantity.source} is no quantity.`, "Write a value such as 500m, 2 or 512Mi.");
        }
      }
    }
  }
}

/** The controller merges per key, so that a request alone meets the default limit. */
function* checkLimits({ containers, transformer }: Service): Iterable<Remark> {
  for (const { field, component } of containers) {
    const hasDefaults = component.path === transformer.path;
    for (const [key, request] of field.at("resources", "requests").fields()) {
      const limit = field.at("resources", "limits", key);
      const high = limit.exists ? amountOf(limit) : hasDefaults ? parseQuantity(DEFAULTS[key] ?? "") : undefined;
      const low = amountOf(request);
      if (low === undefined || high === undefined || low <= high) continue;
      yield error(
        request,
        limit.exists
          ? `The request of ${request.source} ${key} is more than its limit of ${limit.source}.`
          : `The request of ${request.source} ${key} has no limit, and the controller sets one of ${DEFAULTS[key]}: the pod is refused.`,
        `Write limits.${key}: ${request.source} or more.`,
      );
    }
  }
}

function amountOf(quantity: Field): number | undefined {
  return quantity.number ?? parseQuantity(quantity.text ?? "");
}
