import { type FileHandle, open } from "node:fs/promises";
import { invalidArgument } from "../../errors.ts";

/** Numbers of fields in ONNX' ModelProto and StringStringEntryProto. */
const METADATA_PROPS = 14;
const KEY = 1;
const VALUE = 2;
/** Metadata is short; a longer entry is left alone. */
const LONGEST_ENTRY = 1024 * 1024;

/**
 * The metadata_props of an ONNX file, which is not read as a whole: graph and weights are stepped over.
 * @throws InferenceError invalid_argument when the file is no protobuf message.
 */
export async function readOnnxMetadata(path: string): Promise<ReadonlyMap<string, string>> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const found = new Map<string, string>();
    for (let at = 0; at < size; ) {
      const head = await readAt(file, at, 20);
      const [tag, afterTag] = varint(head, 0, path);
      const [number, type] = [tag >>> 3, tag & 7];
      if (type === 0) at += varint(head, afterTag, path)[1];
      else if (type === 5) at += afterTag + 4;
      else if (type === 1) at += afterTag + 8;
      else if (type === 2) {
        const [length, start] = varint(head, afterTag, path);
        if (number === METADATA_PROPS && length <= LONGEST_ENTRY) {
          const entry = readEntry(await readAt(file, at + start, length), path);
          found.set(entry[0], entry[1]);
        }
        at += start + length;
      } else throw invalidArgument(`${path}: no ONNX model`);
    }
    return found;
  } finally {
    await file.close();
  }
}

function readEntry(bytes: Uint8Array, path: string): [key: string, value: string] {
  const texts: [string, string] = ["", ""];
  for (let at = 0; at < bytes.length; ) {
    const [tag, afterTag] = varint(bytes, at, path);
    if ((tag & 7) !== 2) throw invalidArgument(`${path}: no ONNX model`);
    const [length, start] = varint(bytes, afterTag, path);
    const text = Buffer.from(bytes.subarray(start, start + length)).toString("utf8");
    if (tag >>> 3 === KEY) texts[0] = text;
    if (tag >>> 3 === VALUE) texts[1] = text;
    at = start + length;
  }
  return texts;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  return bytes.subarray(0, bytesRead);
}

/** A number of protobuf's and the place behind it. */
function varint(bytes: Uint8Array, at: number, path: string): [value: number, end: number] {
  let value = 0;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return [value, at + index + 1];
  }
  throw invalidArgument(`${path}: no ONNX model`);
}
