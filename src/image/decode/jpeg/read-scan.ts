import { keepSteps, placeBlock } from "./component-data.ts";
import { EntropyReader } from "./entropy-reader.ts";
import type { Frame } from "./jpeg-frame.ts";
import type { JpegTables } from "./jpeg-tables.ts";
import { progressiveReader, type ReadBlock, sequentialReader } from "./read-block.ts";
import type { ScanHeader, ScanPart } from "./scan-header.ts";

/** Reads the data of a scan, which begins at `at`; gives the place of the marker behind it. */
export function readScan(file: Uint8Array, at: number, scan: ScanHeader, frame: Frame, tables: JpegTables): number {
  const reader = new EntropyReader(file, at);
  for (const { data } of scan.parts) keepSteps(data, tables.quantization);
  const readBlock = frame.isProgressive ? progressiveReader(scan, tables) : sequentialReader(scan, tables);
  const units = createUnits(scan, frame);
  const interval = tables.restartInterval;
  reader.beginInterval();
  for (let unit = 0; unit < units.count; unit++) {
    if (interval > 0 && unit > 0 && unit % interval === 0) {
      reader.restart((unit / interval - 1) % 8);
      readBlock.restart();
      for (const part of scan.parts) part.predicted = 0;
    }
    units.read(unit, reader, readBlock);
    reader.assertWithin();
  }
  return reader.at;
}

interface Units {
  readonly count: number;
  read(unit: number, reader: EntropyReader, readBlock: ReadBlock): void;
}

/** A scan of one component goes block by block through its picture, one of several through groups of theirs (T.81, A.2). */
function createUnits({ parts }: ScanHeader, { unitsAcross, unitsDown }: Frame): Units {
  const [single] = parts;
  if (parts.length === 1 && single !== undefined) {
    const { blocksAcross, blocksDown } = single.data.component;
    return {
      count: blocksAcross * blocksDown,
      read: (unit, reader, readBlock) => {
        readOne(single, unit % blocksAcross, Math.floor(unit / blocksAcross), reader, readBlock);
      },
    };
  }
  return {
    count: unitsAcross * unitsDown,
    read: (unit, reader, readBlock) => {
      const [column, row] = [unit % unitsAcross, Math.floor(unit / unitsAcross)];
      for (const part of parts) {
        const { across, down } = part.data.component;
        for (let y = 0; y < down; y++) {
          for (let x = 0; x < across; x++) readOne(part, column * across + x, row * down + y, reader, readBlock);
        }
      }
    },
  };
}

function readOne(part: ScanPart, column: number, row: number, reader: EntropyReader, readBlock: ReadBlock): void {
  const { data } = part;
  if (data.keeps) {
    readBlock.read(part, (row * data.component.stride + column) * 64, reader);
    return;
  }
  data.coefficients.fill(0);
  const isFlat = !readBlock.read(part, 0, reader);
  placeBlock(data, 0, column, row, isFlat);
}
