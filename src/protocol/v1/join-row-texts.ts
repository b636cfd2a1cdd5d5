import type { RowTexts } from "../../inference/values.ts";

const OPEN: Uint8Array = new Uint8Array([0x5b]);
const COMMA: Uint8Array = new Uint8Array([0x2c]);
const CLOSE: Uint8Array = new Uint8Array([0x5d]);

/** A V1 body of these rows, each byte for byte. */
export function joinRowTexts({ before, rows, after }: RowTexts): Uint8Array {
  const parts = [before, OPEN];
  for (const [index, row] of rows.entries()) {
    if (index > 0) parts.push(COMMA);
    parts.push(row);
  }
  return Buffer.concat([...parts, CLOSE, after]);
}
