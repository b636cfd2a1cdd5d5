import { z } from "zod";
import type { Column, ColumnKind, Path, ReportFault } from "./step.ts";

/** As JSON: booleans are 0 and 1, null stands for a missing value. */
export type Category = string | number | null;

export const categoryList = (): z.ZodType<Category[]> => z.array(z.union([z.string(), z.number(), z.null()])).min(1);

/** Places of categories by value. */
export interface CategoryLookup {
  readonly places: ReadonlyMap<Category, number>;
  /** `expected one of "Oslo", "Rome"` */
  readonly expected: string;
}

/** How many categories a message names. */
const NAMED = 8;

/** Reports categories that are there twice, or of another type than the column. */
export function createLookup(
  categories: readonly Category[],
  column: ColumnKind,
  path: Path,
  report: ReportFault,
): CategoryLookup {
  const wanted = column.type === "text" ? "string" : "number";
  const places = new Map<Category, number>();
  for (const [place, category] of categories.entries()) {
    if (category !== null && typeof category !== wanted) {
      report([...path, place], `expected a ${wanted}, since the column '${column.name}' is ${column.type}`);
    }
    if (places.has(category)) report([...path, place], `${JSON.stringify(category)} is there twice`);
    places.set(category, place);
  }
  const named = categories.slice(0, NAMED).map((category) => {
    return JSON.stringify(column.isBoolean === true && category !== null ? category === 1 : category);
  });
  const more = categories.length > NAMED ? `, … (${categories.length} categories)` : "";
  return { places, expected: `expected one of ${named.join(", ")}${more}` };
}

/** Each row's category, undefined for a value that is none. */
export function* categoryRows(
  column: Column,
  { places }: CategoryLookup,
): Generator<readonly [row: number, category: number | undefined]> {
  for (let row = 0; row < column.length; row++) {
    const value = column[row] as Category;
    yield [row, places.get(Number.isNaN(value) ? null : value)];
  }
}
