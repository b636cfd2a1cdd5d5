import type { z } from "zod";

/** Form of one kind of step. */
export type StepSchema<Specification> = z.ZodType<Specification> & z.core.$ZodTypeDiscriminable;

/** Values of one column over all rows; NaN and null are missing ones. */
export type Column = Float64Array | readonly (string | null)[];

/** What is known of a column before there are rows. */
export interface ColumnKind {
  readonly type: "number" | "text";
  /** Its 0 and 1 are false and true in a record. */
  readonly isBoolean?: boolean;
  /** `age`, `city=Oslo`, `age*height` */
  readonly name: string;
  /** Fields of a record that it is made of. */
  readonly fields: readonly string[];
}

/** Fields of all these columns, each once. */
export function fieldsOf(columns: readonly ColumnKind[]): readonly string[] {
  return [...new Set(columns.flatMap(({ fields }) => fields))];
}

/** One fitted step: columns in, columns out, the same rows. */
export interface Step {
  readonly outputs: readonly ColumnKind[];
  /** @throws RowFault for a value that scikit-learn would refuse. */
  apply(columns: readonly Column[]): Column[];
}

/** A place in the specification: `["steps", 0, "scale"]`. */
export type Path = readonly (string | number)[];

/** Told by steps while they are made: a member that does not fit the columns. */
export type ReportFault = (path: Path, message: string) => void;

/** Makes a step of one kind; what does not fit is reported, and the step goes on as well as it can. */
export type CreateStep<Specification> = (
  specification: Specification,
  inputs: readonly ColumnKind[],
  report: ReportFault,
) => Step;

/** A row that a step cannot take; the vectorizer adds what came in the field. */
export class RowFault extends Error {
  override readonly name = "RowFault";
  readonly row: number;
  readonly column: ColumnKind;

  constructor(row: number, column: ColumnKind, expected: string) {
    super(expected);
    this.row = row;
    this.column = column;
  }
}

/** Reports columns of text in front of a step that computes. */
export function assertNumbers(inputs: readonly ColumnKind[], kind: string, report: ReportFault): void {
  const text = inputs.find(({ type }) => type === "text");
  if (text !== undefined) report([], `${kind} takes numbers, the column '${text.name}' is text`);
}

/** Reports a list that has not one value for each column. */
export function assertLength(
  list: readonly unknown[] | undefined,
  length: number,
  path: Path,
  report: ReportFault,
): void {
  if (list !== undefined && list.length !== length) report(path, `expected ${length} values, got ${list.length}`);
}

/** As scikit-learn's check before a step: infinite numbers are refused, missing ones where the step takes none. */
export function assertFinite(
  columns: readonly Column[],
  kinds: readonly ColumnKind[],
  step: string,
  missing: "missing passes" | "missing is refused",
): void {
  for (const [index, column] of columns.entries()) {
    const kind = kinds[index] as ColumnKind;
    for (let row = 0; row < column.length; row++) {
      const value = column[row] as number | string | null;
      if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
        throw new RowFault(row, kind, `'${kind.name}' is ${value} in front of ${step}, expected a finite number`);
      }
      if (missing === "missing is refused" && (value === null || Number.isNaN(value))) {
        throw new RowFault(
          row,
          kind,
          `expected ${kind.type === "text" ? "text" : "a number"}, ${step} takes no missing value`,
        );
      }
    }
  }
}
