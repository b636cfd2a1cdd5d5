import { Buffer } from "node:buffer";
import { DEFAULT_LIMITS as limits } from "../../../src/protocol/limits.ts";
import { readRequest } from "../../../src/protocol/v2/decode.ts";
import { resume } from "../../../src/resumable.ts";
import { assertElements } from "../../../src/tensor/elements/assert-elements.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { ShortTurns } from "../../short-turns.ts";

const TENSORS = 60;

function tensorsOf(length: number): () => readonly Tensor[] {
  const inputs = Array.from({ length: TENSORS }, (_, at) => {
    if (at % 2 === 0) return { name: `x${at}`, datatype: "FP32", shape: [length], data: Array(length).fill(at + 0.5) };
    return { name: `x${at}`, datatype: "BYTES", shape: [length], data: Array(length).fill(`text ${at}`) };
  });
  const body = [Buffer.from(JSON.stringify({ inputs }))];
  const { values } = readRequest({ headers: { "content-type": "application/json" }, body }, { limits });
  return () => values.tensors();
}

const elementsOf = (tensors: readonly Tensor[]) => tensors.map(({ name, data }) => [name, Array.from<unknown>(data)]);

test("others have a turn between the tensors of a large body, each of which is short", async () => {
  const [inTurns, atOnce] = [tensorsOf(5000), tensorsOf(5000)];
  const turns = new ShortTurns();
  await resume(turns, () => inTurns().map(({ data }) => data));
  expect(turns.count).toBeGreaterThanOrEqual(TENSORS);
  expect(elementsOf(inTurns())).toEqual(elementsOf(atOnce()));
});

test("the elements of BYTES that a hook made are checked in turns, and a wrong one is named", async () => {
  const data: unknown[] = Array.from({ length: 100_000 }, () => new Uint8Array(1));
  const check = () => assertElements("x", "BYTES", [data.length], data as Uint8Array[]);
  const turns = new ShortTurns();
  await resume(turns, check);
  expect(turns.count).toBeGreaterThan(2);
  data[90_000] = "text";
  expect(check).toThrow("as element 90000");
  await expect(async () => resume(new ShortTurns(), check)).rejects.toThrow("as element 90000");
});

test("a small body has none", async () => {
  const tensors = tensorsOf(500);
  const turns = new ShortTurns();
  await resume(turns, () => tensors().map(({ data }) => data));
  expect(turns.count).toBe(0);
});
