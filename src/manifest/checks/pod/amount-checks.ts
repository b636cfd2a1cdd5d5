import { parseQuantity } from "../../quantity.ts";
import type { Field } from "../field.ts";
import { error, type Remark } from "../finding.ts";
import type { Service, ServiceCheckTable } from "../service/service.ts";
import { everyContainer } from "./pods.ts";

export const AMOUNT_CHECKS: ServiceCheckTable = {
  "memory-unit": checkMemoryUnits,
  "extended-resource": checkExtendedResources,
};

/** Less, and the container runtime starts nothing: most such amounts are megabytes that lost their Mi. */
const LEAST_MEMORY = 6 * 2 ** 20;
const SIDES = ["requests", "limits"] as const;

/** `512m` is half a byte in Kubernetes' notation, and `512` is 512 bytes. */
function* checkMemoryUnits(service: Service): Iterable<Remark> {
  for (const container of everyContainer(service)) {
    for (const side of SIDES) {
      const field = container.at("resources", side, "memory");
      const bytes = amountOf(field);
      if (bytes === undefined || bytes <= 0 || bytes >= LEAST_MEMORY) continue;
      const digits = /^\d+/.exec(field.source)?.[0] ?? "512";
      yield error(
        field,
        bytes < 1 || !Number.isInteger(bytes)
          ? `${field.source} of memory is a part of a byte (m means a thousandth): the container cannot start.`
          : `${field.source} of memory is ${bytes} bytes: the container cannot start with less than 6 MiB.`,
        `Write ${digits}Mi, or what else was meant.`,
        field.toWritten(`${digits}Mi`),
      );
    }
  }
}

/** GPUs and other extended resources are counted whole, and a request is its limit. */
function* checkExtendedResources(service: Service): Iterable<Remark> {
  for (const container of everyContainer(service)) {
    const resources = container.at("resources");
    const names = new Set(
      SIDES.flatMap((side) =>
        resources
          .at(side)
          .fields()
          .map(([name]) => name),
      ),
    );
    for (const name of [...names].filter(isExtended)) {
      const [request, limit] = [resources.at("requests", name), resources.at("limits", name)];
      const fractions = [request, limit].filter((field) => {
        const amount = amountOf(field);
        return amount !== undefined && !Number.isInteger(amount);
      });
      for (const field of fractions) {
        yield error(
          field,
          `${field.source} of ${name} is no whole number: the service is admitted, then the API server refuses its pod.`,
          "Write 1 or more.",
        );
      }
      if (fractions.length > 0) continue;
      if (!limit.exists) {
        yield error(
          request,
          `${name} has a request and no limit: the service is admitted, then the API server refuses its pod.`,
          `Write limits: {${name}: ${request.source}}.`,
        );
      } else if (request.exists && amountOf(request) !== amountOf(limit)) {
        yield error(
          request,
          `The request of ${request.source} ${name} is not its limit of ${limit.source}: the API server refuses the pod.`,
          "Write the same number, or leave the request out.",
        );
      }
    }
  }
}

/** A name with a domain that is not Kubernetes' own. */
function isExtended(name: string): boolean {
  return name.includes("/") && !/(^|\.)kubernetes\.io\//.test(name);
}

function amountOf(quantity: Field): number | undefined {
  return quantity.number ?? parseQuantity(quantity.text ?? "");
}
