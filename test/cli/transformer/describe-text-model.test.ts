import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeTextModel } from "../../../src/cli/inspect/describe-text-model.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "texts-"));
  const tokenizer = new URL("../../fixtures/text/tokenizers/wordpiece-cased.json", import.meta.url);
  copyFileSync(fileURLToPath(tokenizer), join(folder, "tokenizer.json"));
  const configuration = { pad_token: "[PAD]", unk_token: "[UNK]", model_max_length: 20 };
  writeFileSync(join(folder, "tokenizer_config.json"), JSON.stringify(configuration));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ["BertForTokenClassification", "longer texts are refused, or cut off at the right with TEXT_TRUNCATION=true"],
  ["BertModel", "longer texts are cut off at the right"],
  ["BertForQuestionAnswering", "longer contexts are read in windows"],
])("what becomes of longer texts is told: %s", async (architecture, longer) => {
  const config = { model_type: "bert", architectures: [architecture], id2label: { 0: "O" } };
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  const { rows } = await describeTextModel(folder);
  expect(new Map(rows).get("longest text")).toBe(`20 tokens; ${longer}`);
});
