import { brokenData } from "../refusal.ts";
import type { EntropyReader } from "./entropy-reader.ts";
import type { HuffmanTable } from "./huffman-table.ts";
import type { JpegTables } from "./jpeg-tables.ts";
import { NATURAL_ORDER } from "./natural-order.ts";
import type { ScanHeader, ScanPart } from "./scan-header.ts";

/** Reads what a scan has of one block into the coefficients from `offset` on. */
export interface ReadBlock {
  /** False where nothing but the first coefficient was there; of a sequential scan. */
  read(part: ScanPart, offset: number, reader: EntropyReader): boolean;
  /** At a restart. */
  restart(): void;
}

/** A scan that brings whole blocks (T.81, F.2.2). */
export function sequentialReader({ parts }: ScanHeader, tables: JpegTables): ReadBlock {
  for (const part of parts) {
    if (part.data.lacking[0] === 0) throw brokenData("jpeg");
    part.data.lacking.fill(0);
    part.dcTable = tableOf(tables.dc, part.dc);
    part.acTable = tableOf(tables.ac, part.ac);
  }
  return {
    read: (part, offset, reader) => {
      const { dcTable, acTable } = part;
      const { coefficients } = part.data;
      const size = reader.symbol(dcTable as HuffmanTable);
      if (size > 0) part.predicted += reader.signed(size);
      coefficients[offset] = part.predicted;
      return reader.restOfBlock(acTable as HuffmanTable, coefficients, offset, NATURAL_ORDER);
    },
    restart: () => {},
  };
}

/** A scan that brings some coefficients, or one more bit of them (T.81, G.1.2). */
export function progressiveReader(scan: ScanHeader, tables: JpegTables): ReadBlock {
  assertProgression(scan);
  const { first, high, parts } = scan;
  if (first === 0) return high === 0 ? firstOfBlocks(scan, tables) : nextBitOfFirsts(scan);
  const [part] = parts;
  const table = tableOf(tables.ac, part?.ac ?? 0);
  return high === 0 ? restOfBlocks(scan, table) : nextBitOfRest(scan, table);
}

/** libjpeg goes on where scans repeat or leave out bits; no encoder writes that, and the bits that a coefficient has bound the scans. */
function assertProgression({ parts, first, last, high, low }: ScanHeader): void {
  if (first === 0 ? last !== 0 : first > last || last > 63 || parts.length > 1) throw brokenData("jpeg");
  if (low > 13 || (high !== 0 && low !== high - 1)) throw brokenData("jpeg");
  for (const { data } of parts) {
    if (first > 0 && (data.lacking[0] as number) < 0) throw brokenData("jpeg");
    for (let k = first; k <= last; k++) {
      if (data.lacking[k] !== (high === 0 ? -1 : high)) throw brokenData("jpeg");
      data.lacking[k] = low;
    }
  }
}

function firstOfBlocks({ parts, low }: ScanHeader, tables: JpegTables): ReadBlock {
  for (const part of parts) part.dcTable = tableOf(tables.dc, part.dc);
  return {
    read: (part, offset, reader) => {
      const size = reader.symbol(part.dcTable as HuffmanTable);
      if (size > 0) part.predicted += reader.signed(size);
      part.data.coefficients[offset] = part.predicted << low;
      return true;
    },
    restart: () => {},
  };
}

function nextBitOfFirsts({ low }: ScanHeader): ReadBlock {
  return {
    read: ({ data: { coefficients } }, offset, reader) => {
      if (reader.bits(1) === 1) coefficients[offset] = (coefficients[offset] as number) | (1 << low);
      return true;
    },
    restart: () => {},
  };
}

function restOfBlocks({ first, last, low }: ScanHeader, table: HuffmanTable): ReadBlock {
  // Blocks that have nothing more in this scan.
  let empty = 0;
  return {
    read: ({ data: { coefficients } }, offset, reader) => {
      if (empty > 0) {
        empty -= 1;
        return true;
      }
      for (let k = first; k <= last; k++) {
        const symbol = reader.symbol(table);
        const run = symbol >> 4;
        const size = symbol & 15;
        if (size === 0 && run < 15) {
          empty = (1 << run) - 1 + (run === 0 ? 0 : reader.bits(run));
          break;
        }
        k += run;
        if (k > last && size > 0) throw brokenData("jpeg");
        if (size > 0) coefficients[offset + (NATURAL_ORDER[k] as number)] = reader.signed(size) << low;
      }
      return true;
    },
    restart: () => {
      empty = 0;
    },
  };
}

function nextBitOfRest({ first, last, low }: ScanHeader, table: HuffmanTable): ReadBlock {
  const bit = 1 << low;
  let empty = 0;
  /** One more bit of each coefficient from `k` on that is not 0, past `zeros` that are; gives the place of the next that is. */
  const refine = (
    coefficients: Int16Array,
    offset: number,
    from: number,
    zeros: number,
    reader: EntropyReader,
  ): number => {
    let k = from;
    for (let left = zeros; k <= last; k++) {
      const place = offset + (NATURAL_ORDER[k] as number);
      const value = coefficients[place] as number;
      if (value === 0) {
        if (left === 0) break;
        left -= 1;
      } else if (reader.bits(1) === 1 && (value & bit) === 0) coefficients[place] = value + (value > 0 ? bit : -bit);
    }
    return k;
  };
  return {
    read: ({ data: { coefficients } }, offset, reader) => {
      let k = first;
      while (empty === 0 && k <= last) {
        const symbol = reader.symbol(table);
        const run = symbol >> 4;
        const size = symbol & 15;
        if (size === 0 && run < 15) {
          empty = (1 << run) + (run === 0 ? 0 : reader.bits(run));
          break;
        }
        if (size > 1) throw brokenData("jpeg");
        const value = size === 0 ? 0 : reader.bits(1) === 1 ? bit : -bit;
        k = refine(coefficients, offset, k, run, reader);
        if (k > last && value !== 0) throw brokenData("jpeg");
        if (value !== 0) coefficients[offset + (NATURAL_ORDER[k] as number)] = value;
        k += 1;
      }
      if (empty > 0) {
        refine(coefficients, offset, k, Number.POSITIVE_INFINITY, reader);
        empty -= 1;
      }
      return true;
    },
    restart: () => {
      empty = 0;
    },
  };
}

function tableOf(tables: readonly (HuffmanTable | undefined)[], index: number): HuffmanTable {
  const table = tables[index];
  if (table === undefined) throw brokenData("jpeg");
  return table;
}
