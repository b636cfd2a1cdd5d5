import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type PythonRow, pythonRow } from "../../text/python-row.ts";
import { fixtureTokenizer, TOKENIZERS } from "../../text/read-fixture.ts";
import { venvOf } from "../start-server.ts";
import { writeDocTable } from "./write-doc-table.ts";

const SCRIPT = fileURLToPath(new URL("tokenizers_cases.py", import.meta.url));
const FIXTURES = fileURLToPath(new URL("../../fixtures/text/tokenizers", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "tokenizers-"));
const read = <Value>(name: string): Value => JSON.parse(readFileSync(join(folder, name), "utf8"));
const table: string[][] = [];

beforeAll(() => {
  execFileSync(join(venvOf("text"), "bin", "python"), [SCRIPT, "encode", FIXTURES, folder, "2000"], {
    stdio: "inherit",
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each(TOKENIZERS)("%s: 2,000 lines and 200 pairs give the tokens of Python's tokenizers", async (name) => {
  const tokenizer = await fixtureTokenizer(name);
  const lines = read<string[]>("lines.json");
  const expected = read<PythonRow[]>(`${name}.json`);
  expect(lines).toHaveLength(2000);
  const inputs = [
    ...lines.map((text) => [text]),
    ...lines.slice(0, 200).map((text, index) => [text, lines.at(-1 - index)]),
  ];
  let tokens = 0;
  const wrong = inputs.flatMap(([text = "", pair], index) => {
    const row = pythonRow(tokenizer.encode(text, { pair }));
    tokens += row[0].length;
    return JSON.stringify(row) === JSON.stringify(expected[index])
      ? []
      : [{ text, pair, row, expected: expected[index] }];
  });
  expect(wrong.slice(0, 3)).toEqual([]);
  table.push([name, String(lines.length), "200", String(tokens), String(wrong.length)]);
});

test("the table in docs/parity.md is written", () => {
  expect(table).toHaveLength(TOKENIZERS.length);
  writeDocTable("tokenizers", [
    `tokenizers ${readFileSync(join(folder, "version.txt"), "utf8")}.`,
    "",
    "| tokenizer | lines | pairs | tokens compared | differences |",
    "| --- | --- | --- | --- | --- |",
    ...table.map((row) => `| ${row.join(" | ")} |`),
  ]);
});
