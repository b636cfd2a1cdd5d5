import { invalidArgument } from "../../errors.ts";
import { DATATYPES, type Datatype, type TensorData } from "../../tensor/datatype.ts";
import { countVarints, VarintReader } from "./wire/varint-reader.ts";

/**
 * Elements of a datatype in one run of bytes as protobuf packs them: floats in their own width, integers, booleans and the
 * bits of 16-bit floats as varints, one byte string a run.
 * @throws RangeError when the run ends within an element.
 */
export function countElements(datatype: Datatype, bytes: Uint8Array, start: number, end: number): number {
  const { bytes: width, kind } = DATATYPES[datatype];
  if (kind === "bytes") return 1;
  if (kind !== "float") return countVarints(bytes, start, end);
  if ((end - start) % width !== 0) throw new RangeError("packed elements end within one");
  return (end - start) / width;
}

/**
 * Writes one run's elements at `at`; gives the place after them.
 * @throws InferenceError invalid_argument for a number beyond the datatype's range.
 */
export function fillElements(
  data: TensorData,
  at: number,
  datatype: Datatype,
  name: string,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  switch (DATATYPES[datatype].kind) {
    case "bytes":
      (data as Uint8Array[])[at] = bytes.subarray(start, end);
      return at + 1;
    case "float":
      return fillFloats(data as Float32Array | Float64Array, at, datatype === "FP64", bytes, start, end);
    case "bigint":
      return fillWords(data as BigInt64Array | BigUint64Array, at, bytes, start, end);
    default:
      return fillNumbers(data as Int32Array, at, datatype, name, bytes, start, end);
  }
}

const ONE = new Float32Array(1);
const ONE_BITS = new Int32Array(ONE.buffer);

function fillFloats(
  data: Float32Array | Float64Array,
  at: number,
  double: boolean,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  if (!double && end - start === 4) {
    // One element that is not packed: a view would cost more than it.
    ONE_BITS[0] =
      (bytes[start] as number) |
      ((bytes[start + 1] as number) << 8) |
      ((bytes[start + 2] as number) << 16) |
      ((bytes[start + 3] as number) << 24);
    data[at] = ONE[0] as number;
    return at + 1;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start);
  const width = double ? 8 : 4;
  let to = at;
  for (let from = 0; from < view.byteLength; from += width) {
    data[to++] = double ? view.getFloat64(from, true) : view.getFloat32(from, true);
  }
  return to;
}

function fillWords(
  data: BigInt64Array | BigUint64Array,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const words = new Uint32Array(data.buffer, data.byteOffset, data.length * 2);
  const varints = new VarintReader(bytes, start, end);
  let to = at;
  while (!varints.done) {
    varints.next();
    words[2 * to] = varints.low;
    words[2 * to + 1] = varints.high;
    to++;
  }
  return to;
}

/** Range of the bits of a 16-bit float. */
const BITS16: readonly [bigint, bigint] = [0n, 65_535n];

function fillNumbers(
  data: Int32Array,
  at: number,
  datatype: Datatype,
  name: string,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const [least, most] = (DATATYPES[datatype].range ?? BITS16).map(Number) as [number, number];
  const varints = new VarintReader(bytes, start, end);
  let to = at;
  while (!varints.done) {
    varints.next();
    const value = varints.high * 0x1_0000_0000 + varints.low;
    if (datatype === "BOOL") data[to] = value === 0 ? 0 : 1;
    else if (value >= least && value <= most) data[to] = value;
    else throw invalidArgument(`tensor '${name}': element ${to} must be from ${least} to ${most}, got ${value}`);
    to++;
  }
  return to;
}
