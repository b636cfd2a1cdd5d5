import { command } from "../../src/cli/commands/manifest.ts";

async function manifest(...argv: string[]): Promise<string> {
  let text = "";
  const print = (part: string): void => {
    text += part;
  };
  await command.run(argv, { cwd: ".", env: {}, print, warn: print, signal: new AbortController().signal });
  return text;
}

const JOB = ["clothes", "--image", "r.example/c:1", "--shards", "4", "--claim", "rows", "--env", "A=1"];
const BATCH = ["--", "--input", "in.jsonl", "--output", "out-{shard}.jsonl"];

test("a job has a pod for each shard, which takes its index from Kubernetes", async () => {
  const text = await manifest(...JOB, ...BATCH);
  for (const part of [
    "kind: Job",
    "name: clothes-batch",
    "completionMode: Indexed",
    "completions: 4",
    "parallelism: 4",
    "claimName: rows",
  ]) {
    expect(text).toContain(part);
  }
  expect(text).toMatch(/--shard"?\s+- "?4"?\s+- "?--resume/);
});

test.each([
  [
    "shards that would write one output",
    [...JOB, "--", "--input", "a", "--output", "b"],
    "4 shards would write one output",
  ],
  ["no input", [...JOB, "--", "--output", "b-{shard}"], "no --input"],
  ["a flag of the service", [...JOB, "--storage_uri", "s3://a", ...BATCH], "--storage_uri is the service's"],
])("%s is refused", async (_name, argv, sentence) => {
  await expect(manifest(...argv)).rejects.toThrow(sentence);
});
