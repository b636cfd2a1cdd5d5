/** One row of a batch's input. */
export interface BatchRow {
  /** From 0, in the order of the input. */
  readonly index: number;
  /** The row as the text of one JSON value. Read late, so that a folder of pictures is not held in memory. */
  readonly read: () => Promise<string>;
  /** Where it came from, for output and messages. */
  readonly file?: string;
}

/** Rows in order, and how far the reading is. */
export interface BatchSource {
  readonly rows: AsyncIterable<BatchRow>;
  /** Share of the input that is read, 0 to 1; undefined where nobody knows, as for standard input. */
  progress(): number | undefined;
}
