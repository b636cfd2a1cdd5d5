import type { Encoding } from "kserve-transformer/text";

/** Ids, type ids, offsets, word ids and the mask of special tokens, as `tokenizers_cases.py` writes an encoding. */
export type PythonRow = readonly [number[], number[], number[][], (number | null)[], number[]];

export const pythonRow = ({ tokens }: Encoding): PythonRow => [
  tokens.map(({ id }) => id),
  tokens.map(({ typeId }) => typeId),
  tokens.map(({ offsets }) => [...offsets]),
  tokens.map(({ wordId }) => wordId ?? null),
  tokens.map(({ sequence }) => (sequence === undefined ? 1 : 0)),
];
