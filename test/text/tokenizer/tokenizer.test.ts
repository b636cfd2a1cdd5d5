import { loadTokenizer } from "kserve-transformer/text";
import { type PythonRow, pythonRow } from "../python-row.ts";
import { fixtureTokenizer, readJson, readText, TOKENIZERS } from "../read-fixture.ts";

test.each(TOKENIZERS)("%s: tokens, types, offsets and words are those of Python's tokenizers", async (name) => {
  const tokenizer = await fixtureTokenizer(name);
  const lines = readJson<string[]>("encoded/lines.json");
  const expected = readJson<PythonRow[]>(`encoded/${name}.json`);
  const pairs = lines.slice(0, lines.length / 10).map((text, index) => ({ text, pair: lines.at(-1 - index) }));
  const rows = [...lines.map((text) => ({ text, pair: undefined })), ...pairs].map(({ text, pair }) =>
    pythonRow(tokenizer.encode(text, { pair })),
  );
  expect(rows).toHaveLength(expected.length);
  rows.forEach((row, index) => {
    expect({ index, row }).toEqual({ index, row: expected[index] });
  });
});

test("special tokens are left out where they are not wanted", async () => {
  const tokenizer = await fixtureTokenizer("wordpiece-uncased");
  const tokens = ({ specialTokens }: { specialTokens: boolean }) =>
    tokenizer.encode("the and", { pair: "a", specialTokens }).tokens.map(({ token }) => token);
  expect(tokens({ specialTokens: true })).toEqual(["[CLS]", "the", "a", "##n", "##d", "[SEP]", "a", "[SEP]"]);
  expect(tokens({ specialTokens: false })).toEqual(["the", "a", "##n", "##d", "a"]);
});

test("half of a surrogate pair is a 400", async () => {
  const tokenizer = await fixtureTokenizer("wordpiece-uncased");
  expect(() => tokenizer.encode("a\ud83d")).toThrow(expect.objectContaining({ code: "invalid_argument" }));
});

describe("a tokenizer.json that cannot be reproduced is refused by name", () => {
  const file = readJson<Record<string, Record<string, unknown>>>("tokenizers/wordpiece-uncased.json");
  const bpe = readJson<Record<string, Record<string, unknown>>>("tokenizers/bpe-end-of-word.json");
  const size = Object.keys(file["model"]?.["vocab"] as object).length;
  const added = (content: string, id: number) => ({
    ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  });
  const cases: [string, object, string][] = [
    ["normalizer", { ...file, normalizer: { type: "ByteLevel" } }, "normalizer.type"],
    ["pre-tokenizer", { ...file, pre_tokenizer: { type: "UnicodeScripts" } }, "pre_tokenizer.type"],
    ["field", { ...file, model: { ...file["model"], cased: true } }, '"cased"'],
    ["top field", { ...file, extra: 1 }, '"extra"'],
    [
      "dropout",
      { ...bpe, model: { ...bpe["model"], dropout: 0.1 } },
      "model.dropout: dropout is not supported, got 0.1",
    ],
    ["prefix", { ...bpe, model: { ...bpe["model"], continuing_subword_prefix: "##" } }, "continuing_subword_prefix"],
    [
      "single word",
      { ...file, added_tokens: [{ id: 0, content: "x", single_word: true }] },
      "added_tokens.0.single_word",
    ],
    [
      "number of an added token that Python would not give",
      { ...file, added_tokens: [added("<new>", 123456)] },
      `t.json: added_tokens.0.id: expected ${size}, the number that Python's library gives "<new>", got 123456`,
    ],
    [
      "number of an added token that the vocabulary has otherwise",
      { ...file, added_tokens: [added("<new>", size), added("[UNK]", size + 1)] },
      "t.json: added_tokens.1.id: expected 1, the number that Python's library gives",
    ],
    ["version", { ...file, version: "2.0" }, "version"],
    ["unknown token", { ...file, model: { ...file["model"], unk_token: "<none>" } }, 'model.unk_token: "<none>"'],
    ["regex", { ...file, pre_tokenizer: split("(?>a+)b") }, "atomic groups"],
    ["regex syntax", { ...file, pre_tokenizer: split("(a") }, 'the pattern "(a"'],
  ];
  function split(Regex: string) {
    return { type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false };
  }

  test.each(cases)("%s", async (_what, json, message) => {
    await expect(loadTokenizer(JSON.stringify(json), "t.json")).rejects.toThrow(message);
  });

  test("text that is not JSON", async () => {
    await expect(loadTokenizer(`${readText("tokenizers/word-level.json")}}`, "t.json")).rejects.toThrow(
      "t.json: not JSON",
    );
  });
});
