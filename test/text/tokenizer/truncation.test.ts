import { padEncodings, type TruncationOptions, tokenTensors } from "kserve-transformer/text";
import { type PythonRow, pythonRow } from "../python-row.ts";
import { fixtureTokenizer, readJson } from "../read-fixture.ts";

interface Case {
  readonly tokenizer: string;
  readonly text: string | [string, string];
  readonly options: TruncationOptions;
  readonly windows: PythonRow[] | string;
}

const cases = readJson<Case[]>("cut/truncation.json");
const encode = async ({ tokenizer, text, options }: Case) => {
  const [first, pair] = typeof text === "string" ? [text, undefined] : text;
  return (await fixtureTokenizer(tokenizer)).encode(first, { pair, truncation: options });
};

test("texts are cut, with windows, as Python's tokenizers cut them", async () => {
  const cut = cases.filter(({ windows }) => typeof windows !== "string");
  expect(cut.length).toBeGreaterThan(60);
  for (const one of cut) {
    const encoding = await encode(one);
    expect({ ...one, windows: [encoding, ...encoding.overflowing].map(pythonRow) }).toEqual(one);
  }
});

test("what Python's tokenizers refuse to cut is a 400", async () => {
  const refused = cases.filter(({ windows }) => typeof windows === "string");
  expect(refused.length).toBeGreaterThan(4);
  for (const one of refused) await expect(encode(one)).rejects.toMatchObject({ code: "invalid_argument" });
});

test("windows of both texts of a pair at once are refused", async () => {
  const tokenizer = await fixtureTokenizer("wordpiece-uncased");
  const truncation = { maxLength: 9, stride: 1 } as const;
  const long = "the dog runs away from two bears";
  expect(() => tokenizer.encode(long, { pair: long, truncation })).toThrow("choose only_first or only_second");
});

test("padding is that of Python's tokenizers, and becomes INT64 tensors", async () => {
  const tokenizer = await fixtureTokenizer("wordpiece-uncased");
  const { texts, cases: paddings } = readJson<{
    texts: (string | [string, string])[];
    cases: { options: Record<string, unknown>; rows: number[][][] }[];
  }>("cut/padding.json");
  const encodings = texts.map((text) =>
    typeof text === "string" ? tokenizer.encode(text) : tokenizer.encode(text[0], { pair: text[1] }),
  );
  expect(paddings).toHaveLength(5);
  for (const { options, rows } of paddings) {
    const padded = padEncodings(encodings, {
      id: tokenizer.tokenId("[PAD]") ?? -1,
      token: "[PAD]",
      typeId: (options["pad_type_id"] as number | undefined) ?? 0,
      side: (options["direction"] as "left" | undefined) ?? "right",
      length: (options["length"] as number | undefined) ?? "longest",
      multipleOf: (options["pad_to_multiple_of"] as number | undefined) ?? 1,
    });
    const got = padded.map(({ tokens }) => [
      tokens.map(({ id }) => id),
      tokens.map(({ attention }) => attention),
      tokens.map(({ typeId }) => typeId),
    ]);
    expect({ options, rows: got }).toEqual({ options, rows });
  }
  const [first] = paddings;
  const tensors = tokenTensors(padEncodings(encodings, { id: tokenizer.tokenId("[PAD]") ?? -1, token: "[PAD]" }));
  expect(tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape }))).toEqual(
    ["input_ids", "attention_mask", "token_type_ids"].map((name) => ({
      name,
      datatype: "INT64",
      shape: [3, first?.rows[0]?.[0]?.length],
    })),
  );
  expect(Array.from(tensors[0]?.data ?? [], Number)).toEqual(first?.rows.flatMap(([ids]) => ids));
});

test("tensors of encodings that differ in length are refused", async () => {
  const tokenizer = await fixtureTokenizer("wordpiece-uncased");
  expect(() => tokenTensors([tokenizer.encode("a"), tokenizer.encode("the dog runs")])).toThrow(
    "expected 3 tokens in each, got 9: pad them first",
  );
});
