import { createTensor } from "kserve-transformer";
import {
  type Activation,
  type AggregationStrategy,
  classifyTexts,
  findAnswers,
  findEntities,
  padEncodings,
  poolEmbeddings,
} from "kserve-transformer/text";
import { fixtureTokenizer, readJson } from "../read-fixture.ts";

/** What `test/servers/parity/text_tasks.py` wrote. */
interface Tasks {
  readonly token: {
    tokenizer: string;
    unknown: string;
    strategy: AggregationStrategy;
    text: string;
    logits: number[][];
    entities: Record<string, string | number>[];
  }[];
  readonly question: {
    tokenizer: string;
    question: string;
    context: string;
    top: number;
    handleImpossible: boolean;
    windows: [number[], number[]][];
    answers: { score: number; start: number; end: number; answer: string }[];
  }[];
  readonly sequence: {
    problem: string;
    labels: string[];
    logits: number[];
    scores: { label: string; score: number }[];
  }[];
}

const tasks = readJson<Tasks>("tasks/tasks.json");
const LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"];
/** Python computes in float32. */
const close = (value: unknown) => expect.closeTo(Number(value), 5);
const logitsOf = (rows: number[][]) =>
  createTensor("logits", "FP32", [1, rows.length, rows[0]?.length ?? 0], Float32Array.from(rows.flat()));

test.each(["none", "simple", "first", "average", "max"] as const)(
  "entities are the pipeline's: %s",
  async (strategy) => {
    const cases = tasks.token.filter((one) => one.strategy === strategy);
    expect(cases.flatMap(({ entities }) => entities).length).toBeGreaterThan(20);
    for (const { tokenizer: name, unknown, text, logits, entities } of cases) {
      const tokenizer = await fixtureTokenizer(name);
      const { marksContinuation } = tokenizer;
      const options = { labels: LABELS, strategy, marksContinuation, unknownToken: unknown };
      const [found] = findEntities(logitsOf(logits), [tokenizer.encode(text)], [text], options);
      const chars = Array.from(text);
      const expected = entities.map((entity) => ({
        ...entity,
        score: close(entity["score"]),
        // Python joins the tokens again; here it is the text itself.
        ...(strategy === "none" ? {} : { word: chars.slice(Number(entity["start"]), Number(entity["end"])).join("") }),
      }));
      expect({ name, text, found }).toEqual({ name, text, found: expected });
    }
  },
);

test("padding has no entities", async () => {
  const tokenizer = await fixtureTokenizer("wordpiece-cased");
  const texts = ["Angela runs", "x"];
  const padded = padEncodings(
    texts.map((text) => tokenizer.encode(text)),
    { id: 0, token: "[PAD]" },
  );
  const length = padded[0]?.tokens.length ?? 0;
  const logits = createTensor("logits", "FP32", [2, length, 2], new Float32Array(2 * length * 2).fill(1));
  const another = { labels: ["X", "Y", "O"], strategy: "none", marksContinuation: true } as const;
  expect(() => findEntities(logits, padded, texts, another)).toThrow(
    expect.objectContaining({
      status: 502,
      message: `output 'logits' of shape [2,${length},2]: expected 3 scores a token, one a label, got 2`,
    }),
  );
  const [, second] = findEntities(logits, padded, texts, {
    labels: ["X", "O"],
    strategy: "none",
    marksContinuation: true,
  });
  expect(second?.map(({ word }) => word)).toEqual(["x"]);
});

test("answers are the pipeline's: windows, several answers, no answer", async () => {
  expect(tasks.question.some(({ windows }) => windows.length > 2)).toBe(true);
  for (const { tokenizer: name, question, context, top, handleImpossible, windows, answers } of tasks.question) {
    const tokenizer = await fixtureTokenizer(name);
    const first = tokenizer.encode(question, {
      pair: context,
      truncation: { maxLength: 40, strategy: "only_second", stride: 20 },
    });
    const encodings = padEncodings([first, ...first.overflowing], { id: 0, token: "" });
    expect(encodings).toHaveLength(windows.length);
    const found = findAnswers(
      encodings.map((encoding, index) => {
        const [startLogits = [], endLogits = []] = windows[index] ?? [];
        return { encoding, startLogits, endLogits };
      }),
      context,
      { top, handleImpossible },
    );
    const expected = answers.map((answer) => ({ ...answer, score: close(answer.score) }));
    expect({ name, question, top, handleImpossible, found }).toEqual({
      name,
      question,
      top,
      handleImpossible,
      found: expected,
    });
  }
});

test("labels are the pipeline's: softmax, sigmoid, regression", () => {
  const activations: Record<string, Activation> = {
    single_label_classification: "softmax",
    multi_label_classification: "sigmoid",
    regression: "none",
  };
  expect(tasks.sequence).toHaveLength(12);
  for (const { problem, labels, logits, scores } of tasks.sequence) {
    const tensor = createTensor("logits", "FP32", [1, labels.length], Float32Array.from(logits));
    const [found] = classifyTexts(tensor, labels, activations[problem] ?? "softmax");
    expect(found).toEqual(scores.map(({ label, score }) => ({ label, score: close(score) })));
  }
});

describe("embeddings", () => {
  test("mean, cls and max look at what is attended to", async () => {
    const tokenizer = await fixtureTokenizer("wordpiece-cased");
    const options = { specialTokens: false };
    const padded = padEncodings([tokenizer.encode("a", options), tokenizer.encode("a x", options)], {
      id: 0,
      token: "[PAD]",
    });
    const hidden = createTensor("h", "FP32", [2, 2, 2], Float32Array.of(3, 4, 100, 100, 1, 2, 3, 0));
    const pooled = (pooling: "mean" | "cls" | "max", normalize = false) =>
      Array.from(poolEmbeddings(hidden, padded, { pooling, normalize }).data);
    expect(pooled("mean")).toEqual([3, 4, 2, 1]);
    expect(pooled("cls")).toEqual([3, 4, 1, 2]);
    expect(pooled("max")).toEqual([3, 4, 3, 2]);
    expect(pooled("mean", true).slice(0, 2)).toEqual([Math.fround(0.6), Math.fround(0.8)]);
  });

  test("a model that answers other sizes than were sent is a 502", async () => {
    const encoding = (await fixtureTokenizer("wordpiece-cased")).encode("a");
    const hidden = createTensor("h", "FP32", [1, 2, 1], Float32Array.of(1, 2));
    expect(() => poolEmbeddings(hidden, [encoding], { pooling: "mean" })).toThrow("expected shape [1, 3, …]");
    const scores = createTensor("logits", "FP32", [1, 2], Float32Array.of(1, 2));
    expect(() => classifyTexts(scores, ["a"], "softmax")).toThrow(expect.objectContaining({ status: 502 }));
    const infinite = createTensor("logits", "FP32", [1, 1], Float32Array.of(Number.NaN));
    expect(() => classifyTexts(infinite, ["a"], "softmax")).toThrow("a value is not finite");
  });
});
