import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  endOfString,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  skipSpace,
} from "../../json/json-bytes.ts";
import { parseJson } from "../../json/parse-json.ts";
import { skipValue } from "../../json/skip-value.ts";

const REDACTED = Buffer.from('"[redacted]"');
const MAX_DEPTH = 1000;

interface Extent {
  readonly start: number;
  readonly end: number;
}

/** An array or object that is open. A V2 tensor is told by its name, which may come behind its data. */
interface Open {
  isNamed: boolean;
  dataStart: number;
  dataEnd: number;
  inData: boolean;
}

/**
 * The same JSON, in which `"[redacted]"` stands for the values of these members, wherever they are, and for the data of V2
 * tensors of these names. Every other byte stays as it came.
 * @throws InferenceError invalid_argument for what is no JSON.
 */
export function redactJson(json: Buffer, names: ReadonlySet<string>): Buffer {
  // What is no JSON may hide a member from the search below.
  parseJson(json, { maxDepth: MAX_DEPTH });
  const parts: Buffer[] = [];
  let from = 0;
  for (const { start, end } of findExtents(json, names).sort((a, b) => a.start - b.start)) {
    // Inside of one that is gone already.
    if (start < from) continue;
    parts.push(json.subarray(from, start), REDACTED);
    from = end;
  }
  return Buffer.concat([...parts, json.subarray(from)]);
}

/** In one pass: each byte is looked at once, or skipped once as part of a value that goes. */
function findExtents(json: Buffer, names: ReadonlySet<string>): Extent[] {
  const found: Extent[] = [];
  const open: Open[] = [];
  let position = 0;
  while (position < json.length) {
    const byte = json[position];
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      open.push({ isNamed: false, dataStart: -1, dataEnd: -1, inData: false });
    } else if (byte === COMMA) endData(open.at(-1), position);
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      const closed = open.pop();
      endData(closed, position);
      if (closed?.isNamed === true && closed.dataStart >= 0)
        found.push({ start: closed.dataStart, end: closed.dataEnd });
    } else if (byte === QUOTE) {
      position = readString(json, position, names, found, open.at(-1));
      continue;
    }
    position += 1;
  }
  return found;
}

function endData(object: Open | undefined, position: number): void {
  if (object === undefined || !object.inData) return;
  object.dataEnd = position;
  object.inData = false;
}

/** A member's name, or a text. @returns where to go on. */
function readString(
  json: Buffer,
  position: number,
  names: ReadonlySet<string>,
  found: Extent[],
  object: Open | undefined,
): number {
  const end = endOfString(json, position, json.length);
  const colon = skipSpace(json, end, json.length);
  if (json[colon] !== COLON) return end;
  const name = textOf(json, position, end);
  const start = skipSpace(json, colon + 1, json.length);
  if (names.has(name)) {
    const extent = { start, end: skipValue(json, start, MAX_DEPTH, 0) };
    found.push(extent);
    return extent.end;
  }
  if (object === undefined) return start;
  if (name === "data") Object.assign(object, { dataStart: start, inData: true });
  if (name === "name" && json[start] === QUOTE) {
    const endOfName = endOfString(json, start, json.length);
    object.isNamed ||= names.has(textOf(json, start, endOfName));
    return endOfName;
  }
  return start;
}

/** A string with its quotes; escapes undone, so that no spelling of a name passes by. */
function textOf(json: Buffer, start: number, end: number): string {
  return JSON.parse(json.toString("utf8", start, end)) as string;
}
