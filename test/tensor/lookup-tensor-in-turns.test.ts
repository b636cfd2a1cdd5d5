import { Buffer } from "node:buffer";
import { InferRequest } from "../../src/inference/infer-request.ts";
import { grpcCodec } from "../../src/protocol/grpc/grpc-codec.ts";
import { selectCodec } from "../../src/protocol/select-codec.ts";
import { resume } from "../../src/resumable.ts";
import { toRawBytes } from "../../src/tensor/elements/raw-elements.ts";
import { LookupTensor } from "../../src/tensor/lookup-tensor.ts";
import { nestedRows } from "../../src/tensor/nested/nested-array.ts";
import { elementCount } from "../../src/tensor/shape.ts";
import { createTensor } from "../../src/tensor/tensor.ts";
import { ShortTurns } from "../short-turns.ts";
import { createRandom } from "./number-text/create-random.ts";

/** Pictures, and the same floats made one by one. */
function randomPictures(seed: number) {
  const random = createRandom(seed);
  const shape = [2 + (random() % 3), 130 + (random() % 40), 130 + (random() % 40), 1 + (random() % 4)];
  const bytes = Uint8Array.from({ length: elementCount(shape) }, () => random() >>> 24);
  const tables = Array.from({ length: 1 + (random() % 4) }, () =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte - 7) / (1 + (random() % 300))),
  );
  const run = [1, 7, 1 + (random() % bytes.length)][random() % 3] as number;
  const floats = Float32Array.from(
    bytes,
    (byte, i) => (tables[Math.floor(i / run) % tables.length] as Float32Array)[byte] as number,
  );
  return {
    pictures: new LookupTensor("x", shape, bytes, tables, { run }),
    plain: createTensor("x", "FP32", shape, floats),
    random,
  };
}

const SEEDS = Array.from({ length: 5 }, () => Math.floor(Math.random() * 2 ** 31));

describe("a tensor of pictures", () => {
  test.each(SEEDS)("fills any part of its floats (seed %d)", (seed) => {
    const { pictures, plain, random } = randomPictures(seed);
    for (let round = 0; round < 20; round++) {
      const from = random() % plain.data.length;
      const part = new Float32Array(random() % (plain.data.length - from));
      pictures.fill(part, from);
      expect(
        Buffer.compare(
          toRawBytes(createTensor("x", "FP32", [part.length], part)),
          bytesOf(plain.data, from, part.length),
        ),
      ).toBe(0);
    }
  });

  test.each(SEEDS)(
    "becomes raw bytes, rows and messages in turns, the same as of its floats (seed %d)",
    async (seed) => {
      const { pictures, plain } = randomPictures(seed);
      const makers: ((tensor: typeof plain) => unknown)[] = [
        toRawBytes,
        (tensor) => nestedRows(tensor, "text"),
        ...[true, false].map(
          (binary) => (tensor: typeof plain) => grpcCodec.encodeRequest(requestOf(tensor), { binary }).body,
        ),
        (tensor) => selectCodec("v2").encodeRequest(requestOf(tensor), { binary: true }).body,
      ];
      for (const make of makers) {
        const turns = new ShortTurns();
        const made = await resume(turns, () => make(pictures));
        expect(turns.count).toBeGreaterThan(0);
        expect(isSame(made, make(plain))).toBe(true);
      }
    },
  );

  test.each(SEEDS)("is V2's text in pieces, byte for byte that of its floats (seed %d)", (seed) => {
    const { pictures, plain } = randomPictures(seed);
    const { pieces } = selectCodec("v2").encodeRequest(requestOf(pictures), {});
    const whole = Buffer.concat(selectCodec("v2").encodeRequest(requestOf(plain), {}).body);
    // A piece is good until the next is asked for.
    expect(Buffer.concat(Array.from(pieces ?? [], (piece) => Buffer.from(piece))).equals(whole)).toBe(true);
    expect(pieces?.byteLength).toBe(whole.length);
  });
});

function requestOf(tensor: ReturnType<typeof randomPictures>["plain"]): InferRequest {
  return InferRequest.create({ modelName: "m", inputs: [tensor] });
}

function bytesOf({ buffer, byteOffset }: Float32Array, from: number, count: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset + from * 4, count * 4);
}

/** Arrays of bytes as bytes, anything else as JSON: a picture is not for a message. */
function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  if (isChunks(a) && isChunks(b)) return Buffer.concat(a).equals(Buffer.concat(b));
  return JSON.stringify(a) === JSON.stringify(b);
}

function isChunks(value: unknown): value is Uint8Array[] {
  return Array.isArray(value) && value[0] instanceof Uint8Array;
}
