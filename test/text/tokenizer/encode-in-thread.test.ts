import type { EncodeOptions } from "kserve-transformer/text";
import { ThreadPool } from "../../../src/threads/thread-pool.ts";
import { fixtureTokenizer, readJson, TOKENIZERS } from "../read-fixture.ts";

const threads = new ThreadPool(1);
afterAll(() => threads.close());

const long = readJson<string[]>("encoded/lines.json").join(" ");
const OPTIONS: readonly EncodeOptions[] = [
  {},
  { pair: long, specialTokens: false },
  { truncation: { maxLength: 20, stride: 4 } },
  { pair: long.slice(5), truncation: { maxLength: 300, strategy: "only_second", stride: 8 } },
];

test.each(TOKENIZERS)("%s: a long text has the same tokens in a thread", async (name) => {
  const tokenizer = await fixtureTokenizer(name);
  for (const options of OPTIONS) {
    const text = options.pair === undefined ? long : long.slice(0, 100);
    const there = await tokenizer.encodeInThread(text, options, { threads });
    expect(there).toEqual(tokenizer.encode(text, options));
  }
});

test("the event loop tokenizes short texts alone, and all where there are no threads", async () => {
  const tokenizer = await fixtureTokenizer("word-level");
  const asked: number[] = [];
  const counting = (size: number) => ({
    size,
    run: <Result>(...task: Parameters<ThreadPool["run"]>) => {
      asked.push(size);
      return threads.run<Result>(...task);
    },
  });
  const tasks: [string, EncodeOptions | undefined, number][] = [
    ["a".repeat(2000), undefined, 1],
    ["a".repeat(2001), undefined, 0],
  ];
  for (const [text, options, size] of tasks) {
    await tokenizer.encodeInThread(text, options, { threads: counting(size) });
    await tokenizer.encodeInThread(text, options, {});
  }
  expect(asked).toEqual([]);
  await tokenizer.encodeInThread("a".repeat(2001), undefined, { threads: counting(1) });
  await tokenizer.encodeInThread("a", { pair: "b".repeat(2000) }, { threads: counting(2) });
  expect(asked).toEqual([1, 2]);
});

test("what is wrong with a long text is told as for a short one, and an aborted one is not begun", async () => {
  const tokenizer = await fixtureTokenizer("word-level");
  const broken = `${"a".repeat(3000)}\ud83d`;
  await expect(tokenizer.encodeInThread(broken, undefined, { threads })).rejects.toMatchObject({
    code: "invalid_argument",
    message: "text: half of a surrogate pair is not a character",
  });
  await expect(tokenizer.encodeInThread("\ud83d", undefined, { threads })).rejects.toMatchObject({
    code: "invalid_argument",
  });
  const signal = AbortSignal.abort(new Error("left"));
  await expect(tokenizer.encodeInThread("a".repeat(3000), undefined, { threads, signal })).rejects.toThrow("left");
});
