import type { ContentsField } from "../../tensor/datatype.ts";

/** Number and name of a field of `InferTensorContents`. */
export interface ContentsFieldInfo {
  readonly number: number;
  readonly name: string;
}

export const CONTENTS_FIELDS: Readonly<Record<ContentsField, ContentsFieldInfo>> = {
  boolContents: { number: 1, name: "bool_contents" },
  intContents: { number: 2, name: "int_contents" },
  int64Contents: { number: 3, name: "int64_contents" },
  uintContents: { number: 4, name: "uint_contents" },
  uint64Contents: { number: 5, name: "uint64_contents" },
  fp32Contents: { number: 6, name: "fp32_contents" },
  fp64Contents: { number: 7, name: "fp64_contents" },
  bytesContents: { number: 8, name: "bytes_contents" },
};

/** Name of a field by its number; undefined for one that `InferTensorContents` has not. */
export function contentsFieldName(number: number): string | undefined {
  return Object.values(CONTENTS_FIELDS).find((field) => field.number === number)?.name;
}
