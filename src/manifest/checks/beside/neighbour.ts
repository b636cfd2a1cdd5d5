import type { Field } from "../field.ts";
import type { Remark } from "../finding.ts";
import type { Service } from "../service/service.ts";

/** Checks of an object beside the InferenceServices of the same file and namespace. */
export type NeighbourCheckTable = Readonly<
  Record<string, (root: Field, services: readonly Service[]) => Iterable<Remark>>
>;
