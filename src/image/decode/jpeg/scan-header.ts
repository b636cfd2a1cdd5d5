import { brokenData } from "../refusal.ts";
import type { ComponentData } from "./component-data.ts";
import type { HuffmanTable } from "./huffman-table.ts";

/** What the header of a scan says (T.81, B.2.3). */
export interface ScanHeader {
  readonly parts: readonly ScanPart[];
  /** The coefficients that it brings, and their bits: down from `high`, 0 for all at once, to `low`. */
  readonly first: number;
  readonly last: number;
  readonly high: number;
  readonly low: number;
}

/** A component in a scan, and its tables. */
export interface ScanPart {
  readonly data: ComponentData;
  readonly dc: number;
  readonly ac: number;
  /** Those tables, as they are at this scan. */
  dcTable: HuffmanTable | undefined;
  acTable: HuffmanTable | undefined;
  /** The last first coefficient: the next one is coded as a difference. */
  predicted: number;
}

/** libjpeg's D_MAX_BLOCKS_IN_MCU. */
const MAX_BLOCKS = 10;

export function readScanHeader(content: Uint8Array, components: readonly ComponentData[]): ScanHeader {
  const count = content[0] ?? 0;
  if (count < 1 || count > 4 || content.length !== 4 + 2 * count) throw brokenData("jpeg");
  const parts = Array.from({ length: count }, (_, i): ScanPart => {
    const [id, tables = 0] = content.subarray(1 + 2 * i, 3 + 2 * i);
    const data = components.find(({ component }) => component.id === id);
    if (data === undefined) throw brokenData("jpeg");
    return { data, dc: tables >> 4, ac: tables & 15, dcTable: undefined, acTable: undefined, predicted: 0 };
  });
  if (new Set(parts.map(({ data }) => data)).size !== count) throw brokenData("jpeg");
  const blocks = parts.reduce((sum, { data: { component } }) => sum + component.across * component.down, 0);
  if (count > 1 && blocks > MAX_BLOCKS) throw brokenData("jpeg");
  const [first = 0, last = 0, bits = 0] = content.subarray(1 + 2 * count);
  return { parts, first, last, high: bits >> 4, low: bits & 15 };
}
