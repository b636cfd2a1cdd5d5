import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTensor, type InferRequest } from "kserve-transformer";
import { type TestTransformerOptions, testTransformer, v2Request } from "kserve-transformer/testing";
import createTextTransformer from "./transformer.ts";

const FIXTURES = fileURLToPath(new URL("../../test/fixtures/text/", import.meta.url));
const CLASSIFIER = join(FIXTURES, "tasks/classifier");
const WORDPIECE = join(FIXTURES, "tokenizers/wordpiece-cased.json");
const folder = mkdtempSync(join(tmpdir(), "text-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A model's folder with the small WordPiece tokenizer. */
function modelFolder(config: object, others: Record<string, object> = {}): string {
  const path = mkdtempSync(join(folder, "model-"));
  copyFileSync(WORDPIECE, join(path, "tokenizer.json"));
  const tokenizerConfig = { pad_token: "[PAD]", unk_token: "[UNK]", model_max_length: 20 };
  const files = {
    "config.json": { model_type: "bert", ...config },
    "tokenizer_config.json": tokenizerConfig,
    ...others,
  };
  for (const [name, value] of Object.entries(files)) {
    mkdirSync(join(path, name, ".."), { recursive: true });
    writeFileSync(join(path, name), JSON.stringify(value));
  }
  return path;
}

const NER = { architectures: ["BertForTokenClassification"], id2label: { 0: "O", 1: "B-LOC", 2: "I-LOC" } };
const EMBEDDINGS = { architectures: ["BertModel"], type_vocab_size: 2 };

async function open(env: Record<string, string>, predictor: TestTransformerOptions["predictor"]) {
  const transformer = await createTextTransformer({ env });
  return testTransformer(transformer, predictor === undefined ? {} : { predictor });
}

/** Values that a model would give: FP32 of shape [texts, tokens, width]. */
const hiddenOf = (
  request: InferRequest,
  name: string,
  width: number,
  value: (token: number, place: number) => number,
) => {
  const ids = request.input("input_ids");
  const [texts = 0, tokens = 0] = ids.shape;
  const data = Float32Array.from({ length: texts * tokens * width }, (_, index) =>
    value(Math.floor(index / width) % tokens, index % width),
  );
  return createTensor(name, "FP32", [texts, tokens, width], data);
};

test("sequence classification: label and score of each text, a pair among them", async () => {
  const logits = createTensor("logits", "FP32", [2, 3], Float32Array.of(0, 2, 0, 5, 0, 0));
  const tested = await open({ TEXT_MODEL_FOLDER: CLASSIFIER }, { outputs: [logits] });
  const { predictions } = await tested.predict({ instances: ["a text", { text: "a", text_pair: "the dog" }] });
  expect(predictions).toEqual([
    { label: "happy", score: expect.closeTo(Math.exp(2) / (Math.exp(2) + 2), 12) },
    { label: "sad", score: expect.closeTo(Math.exp(5) / (Math.exp(5) + 2), 12) },
  ]);
  const sent = tested.sent[0]?.inputs ?? [];
  expect(sent.map(({ name, datatype }) => `${name} ${datatype}`)).toEqual([
    "input_ids INT64",
    "attention_mask INT64",
    "token_type_ids INT64",
  ]);
  const mask = Array.from(sent[1]?.data as BigInt64Array);
  expect(mask).toContain(0n);
  await tested.close();
});

test("TEXT_TOP_K gives a list, and V2 clients get it as JSON texts", async () => {
  const logits = createTensor("logits", "FP32", [1, 3], Float32Array.of(0, 2, 1));
  const tested = await open({ TEXT_MODEL_FOLDER: CLASSIFIER, TEXT_TOP_K: "2" }, { outputs: [logits] });
  const column = createTensor("text", "BYTES", [1], [Buffer.from("a text")]);
  const { predictions, status } = await tested.predict(v2Request([column]));
  expect(status).toBe(200);
  const [first] = predictions;
  const labels = (typeof first === "string" ? JSON.parse(first) : first) as { label: string }[];
  expect(labels.map(({ label }) => label)).toEqual(["happy", "angry"]);
  await tested.close();
});

test("token classification: entities with the text's own words", async () => {
  const tested = await open({ TEXT_MODEL_FOLDER: modelFolder(NER) }, (request) => ({
    // The second word is a place, whatever its tokens are.
    outputs: [
      hiddenOf(request, "logits", 3, (token, label) =>
        token > 2 && token < 5 && label === 1 ? 9 : label === 0 ? 5 : 0,
      ),
    ],
  }));
  const { predictions } = await tested.predict({ instances: ["to late", "to"] });
  const entities = predictions[0] as { word: string; entity_group: string; start: number }[];
  expect(entities.map(({ entity_group }) => entity_group)).toContain("LOC");
  expect(entities.every(({ word, start }) => "to late".slice(start).startsWith(word))).toBe(true);
  expect(tested.sent[0]?.inputs.map(({ name }) => name)).toEqual(["input_ids", "attention_mask"]);
  await tested.close();
});

test("question answering: windows over the context go out in one request, the best answer comes back", async () => {
  const path = modelFolder({ architectures: ["BertForQuestionAnswering"], type_vocab_size: 2 });
  const context = "the dog and the fox and the bears run away and look at them because it is late";
  const tested = await open({ TEXT_MODEL_FOLDER: path }, (request) => {
    const { data, shape } = request.input("input_ids", "INT64");
    const [windows = 0, tokens = 0] = shape;
    // The model points at the token that is nowhere else: the first of the last window's last word.
    const last = data.lastIndexOf(data.findLast((id) => id > 4n) ?? -1n);
    const logits = (name: string) =>
      createTensor(
        name,
        "FP32",
        [windows, tokens],
        Float32Array.from({ length: windows * tokens }, (_, i) => (i === last ? 20 : 0)),
      );
    return { outputs: [logits("start_logits"), logits("end_logits")] };
  });
  const { predictions } = await tested.predict({
    instances: [
      { question: "who?", context },
      { question: "a", context: "it is late" },
    ],
  });
  expect(tested.sent).toHaveLength(1);
  expect(tested.sent[0]?.inputs[0]?.shape[0]).toBeGreaterThan(3);
  expect(predictions[1]).toMatchObject({ answer: "late", start: 6, end: 10 });
  await tested.close();
});

test("embeddings: pooling and normalization of sentence-transformers, the text cut to its length", async () => {
  const path = modelFolder(EMBEDDINGS, {
    "modules.json": [
      { idx: 0, name: "0", path: "", type: "sentence_transformers.models.Transformer" },
      { idx: 1, name: "1", path: "1_Pooling", type: "sentence_transformers.models.Pooling" },
      { idx: 2, name: "2", path: "2_Normalize", type: "sentence_transformers.models.Normalize" },
    ],
    "1_Pooling/config.json": { word_embedding_dimension: 2, pooling_mode_cls_token: true },
    "sentence_bert_config.json": { max_seq_length: 8, do_lower_case: false },
  });
  const tested = await open({ TEXT_MODEL_FOLDER: path }, (request) => ({
    outputs: [hiddenOf(request, "last_hidden_state", 2, (token, place) => (token === 0 ? 3 + place : 100))],
  }));
  const { predictions } = await tested.predict({ instances: ["the dog runs away and looks at bears", "a"] });
  expect(tested.sent[0]?.inputs[0]?.shape).toEqual([2, 8]);
  expect(predictions).toEqual([
    [expect.closeTo(0.6, 6), expect.closeTo(0.8, 6)],
    [expect.closeTo(0.6, 6), expect.closeTo(0.8, 6)],
  ]);
  await tested.close();
});

test("a text beyond the model's length is a 400 that says how long it is", async () => {
  const tested = await open({ TEXT_MODEL_FOLDER: modelFolder(NER) }, { predictions: [] });
  const { status, json } = await tested.predict({ instances: ["a", "a ".repeat(40)] });
  expect(status).toBe(400);
  expect(json).toMatchObject({
    error: expect.stringContaining("instances[1]: the text has 42 tokens, at most 20 are taken"),
  });
  await tested.close();
});

test("a text of more characters than are made into tokens is a 400 that says so", async () => {
  const tested = await open({ TEXT_MODEL_FOLDER: modelFolder(NER), TEXT_MAX_CHARACTERS: "10" }, { predictions: [] });
  const { status, json } = await tested.predict({ instances: ["a", "a".repeat(11)] });
  expect(status).toBe(400);
  expect(json).toMatchObject({
    error: expect.stringContaining("instances[1]: the text has 11 characters, at most 10 are taken"),
  });
  await tested.close();
});

test("texts that padding makes too many tokens are a 413 that says why", async () => {
  const tested = await open({ TEXT_MODEL_FOLDER: modelFolder(NER), TEXT_MAX_TOKENS: "30" }, { predictions: [] });
  const { status, json } = await tested.predict({ instances: ["a", "a", "a a a a a a a a a"] });
  expect(status).toBe(413);
  expect(json).toMatchObject({
    error: expect.stringContaining("instances: 3 texts padded to 11 tokens are more than 30"),
  });
  await tested.close();
});

test("a row that is no text is a 400 that names it", async () => {
  const tested = await open({ TEXT_MODEL_FOLDER: CLASSIFIER }, { predictions: [] });
  const { status, json } = await tested.predict({ instances: ["a", 5] });
  expect(status).toBe(400);
  expect(json).toMatchObject({ error: expect.stringContaining("instances[1]") });
  await tested.close();
});

test.each([
  ["BertForSequenceClassification", 'expected a text, {"text": …} or {"text": …, "text_pair": …}'],
  ["BertForTokenClassification", 'expected a text or {"text": …}'],
  ["BertForQuestionAnswering", 'expected {"question": …, "context": …}'],
])("a row that is none for a %s is told what one is", async (architecture, message) => {
  const path = modelFolder({ architectures: [architecture], id2label: { 0: "O" } });
  const tested = await open({ TEXT_MODEL_FOLDER: path }, { predictions: [] });
  for (const row of [{ txt: "a" }, 5]) {
    const { status, json } = await tested.predict({ instances: [row] });
    expect([status, JSON.stringify(json)]).toEqual([
      400,
      expect.stringContaining(JSON.stringify(message).slice(1, -1)),
    ]);
  }
  await tested.close();
});

describe("what a folder says that cannot be reproduced ends the start with its name", () => {
  const cases: [string, () => Record<string, string>, string][] = [
    ["no folder", () => ({}), "TEXT_MODEL_FOLDER is not set"],
    [
      "an empty folder",
      () => ({ TEXT_MODEL_FOLDER: mkdtempSync(join(folder, "empty-")) }),
      "config.json: no such file",
    ],
    [
      "an architecture",
      () => ({ TEXT_MODEL_FOLDER: modelFolder({ architectures: ["GPT2LMHeadModel"] }) }),
      "architectures: GPT2LMHeadModel",
    ],
    [
      "a field of tokenizer_config.json",
      () => ({ TEXT_MODEL_FOLDER: modelFolder(NER, { "tokenizer_config.json": { lowercase_twice: true } }) }),
      'tokenizer_config.json: Unrecognized key: "lowercase_twice"',
    ],
    [
      "a contradiction",
      () => ({ TEXT_MODEL_FOLDER: modelFolder(NER, { "tokenizer_config.json": { do_lower_case: true } }) }),
      "do_lower_case: true is not what tokenizer.json says (false)",
    ],
    [
      "a module",
      () => ({
        TEXT_MODEL_FOLDER: modelFolder(EMBEDDINGS, {
          "modules.json": [
            { idx: 0, name: "0", path: "", type: "a.Transformer" },
            { idx: 1, name: "1", path: "1", type: "a.Dense" },
          ],
        }),
      }),
      "modules Transformer, Dense",
    ],
    [
      "a choice",
      () => ({ TEXT_MODEL_FOLDER: modelFolder(NER), TEXT_AGGREGATION: "last" }),
      "TEXT_AGGREGATION: expected one of",
    ],
    [
      "a folder that is not there",
      () => ({ TEXT_MODEL_FOLDER: "/nowhere" }),
      "TEXT_MODEL_FOLDER: expected a model's folder",
    ],
    [
      "a variable without effect",
      () => ({ TEXT_MODEL_FOLDER: modelFolder(NER), TEXT_POOLING: "mean" }),
      "TEXT_POOLING: expected none, since the model's task is token-classification; got 'mean'",
    ],
    ["a length", () => ({ TEXT_MODEL_FOLDER: modelFolder(NER), TEXT_MAX_LENGTH: "21" }), "at most 20"],
    [
      "padding",
      () => ({ TEXT_MODEL_FOLDER: modelFolder(NER, { "tokenizer_config.json": { pad_token: "<p>" } }) }),
      '"<p>"',
    ],
  ];
  test.each(cases)("%s", async (_what, env, message) => {
    await expect(createTextTransformer({ env: env() })).rejects.toThrow(message);
  });
});
