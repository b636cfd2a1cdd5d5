import { Buffer } from "node:buffer";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { CONTENTS_FIELDS } from "../../../src/protocol/grpc/contents-fields.ts";
import { writeContents } from "../../../src/protocol/grpc/write-contents.ts";
import { resume } from "../../../src/resumable.ts";
import { DATATYPES, type Datatype, type TensorData } from "../../../src/tensor/datatype.ts";
import { createTensor } from "../../../src/tensor/tensor.ts";
import { ShortTurns } from "../../short-turns.ts";

const COUNT = 70_000;
const words = Array.from({ length: COUNT }, (_, i) => BigInt.asIntN(64, ((-1n) ** BigInt(i % 2)) << BigInt(i % 64)));
const DATA: readonly [Datatype, TensorData][] = [
  ["INT64", BigInt64Array.from(words)],
  ["UINT64", BigUint64Array.from(words, (word) => BigInt.asUintN(64, word))],
  ["INT32", Int32Array.from(words, (word) => Number(BigInt.asIntN(32, word)))],
  ["UINT8", Uint8Array.from(words, (_, i) => i)],
  ["BOOL", Uint8Array.from(words, (_, i) => i % 3)],
  ["BYTES", Array.from(words, (_, i) => Buffer.alloc(i % 200, i))],
];

/** What protobuf's own writer makes of the same elements. */
function reference(datatype: Datatype, data: TensorData): Uint8Array {
  const { contents, kind } = DATATYPES[datatype];
  const { number } = CONTENTS_FIELDS[contents as keyof typeof CONTENTS_FIELDS];
  const writer = new BinaryWriter();
  if (kind === "bytes") {
    for (const element of data as Uint8Array[]) writer.tag(number, WireType.LengthDelimited).bytes(element);
    return writer.finish();
  }
  writer.tag(number, WireType.LengthDelimited).fork();
  for (const value of data as Iterable<number | bigint>) {
    if (kind === "bool") writer.bool(value !== 0);
    else if (datatype === "UINT64") writer.uint64(value);
    else if (datatype === "UINT8") writer.uint32(Number(value));
    else writer.int64(value);
  }
  return writer.join().finish();
}

test.each(DATA)(
  "typed contents of %s are written in turns, byte for byte as protobuf's writer has them",
  async (datatype, data) => {
    const tensor = createTensor("x", datatype, [COUNT], data as never);
    const write = (): Uint8Array => {
      const writer = new BinaryWriter();
      writeContents(writer, tensor);
      return writer.finish();
    };
    const turns = new ShortTurns();
    const expected = reference(datatype, data);
    expect(Buffer.compare(await resume(turns, write), expected)).toBe(0);
    expect(turns.count).toBeGreaterThan(2);
    expect(Buffer.compare(write(), expected)).toBe(0);
  },
);
