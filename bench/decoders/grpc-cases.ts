import { Buffer } from "node:buffer";
import { prepareContent } from "../../src/inference/content.ts";
import { grpcCodec } from "../../src/protocol/grpc/grpc-codec.ts";
import { DEFAULT_LIMITS as limits } from "../../src/protocol/limits.ts";
import type { StopCase } from "./stop-case.ts";

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

/** `ModelInferRequest` with one tensor of this datatype, whose elements are these bytes each, in a packed field where one is given. */
const typed = (datatype: string, piece: readonly number[], packed?: number) => (bytes: number) => {
  const count = Math.floor((bytes - 100) / piece.length);
  const elements = Buffer.alloc(count * piece.length, Buffer.from(piece));
  const tensor = Buffer.concat([
    field(1, Buffer.from("x")),
    field(2, Buffer.from(datatype)),
    field(3, Buffer.from(varint(count))),
    field(5, packed === undefined ? elements : field(packed, elements)),
  ]);
  return Buffer.concat([field(1, Buffer.from("m")), field(5, tensor)]);
};

async function read(input: Buffer): Promise<unknown> {
  const request = grpcCodec.decodeRequest({ headers: {}, body: [input] }, { modelName: "m", limits });
  await prepareContent(request, undefined);
  return request.inputs.map(({ data }) => data);
}

export const GRPC_CASES: readonly StopCase[] = [
  { name: "gRPC, BYTES, empty", yields: true, make: typed("BYTES", [0x42, 0]), run: read },
  {
    name: "gRPC, BYTES of 14 bytes",
    yields: true,
    make: typed("BYTES", [0x42, 14, ...Array<number>(14).fill(65)]),
    run: read,
  },
  { name: "gRPC, FP32 one by one", yields: true, make: typed("FP32", [0x35, 0, 0, 0, 0]), run: read },
  { name: "gRPC, INT64, packed", yields: true, make: typed("INT64", [1], 3), run: read },
  { name: "gRPC, BOOL, packed", yields: true, make: typed("BOOL", [1], 1), run: read },
];
