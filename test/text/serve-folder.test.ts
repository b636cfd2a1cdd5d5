import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildCommand, startServe } from "../cli/command-process.ts";
import { readJson } from "./read-fixture.ts";

const CLASSIFIER = fileURLToPath(new URL("../fixtures/text/tasks/classifier", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const README = readFileSync(new URL("../../transformers/text/README.md", import.meta.url), "utf8");

beforeAll(() => void buildCommand(), 60_000);

/** What Python's pipeline says of the README's text. */
const expected = readJson<{
  sequence: { problem: string; text: string; scores: { label: string; score: number }[] }[];
}>("tasks/tasks.json").sequence.find(
  ({ problem, text }) => problem === "single_label_classification" && text === "Angela runs to Berlin",
)?.scores[0];

test.each([
  ["the folder as the argument", [CLASSIFIER], {}],
  ["the environment alone", [], { TRANSFORMER: "text", TEXT_MODEL_FOLDER: CLASSIFIER }],
] as const)("the README's curl gets Python's label: %s", async (_how, argv, env) => {
  const flags = ["--model_name", "mood", "--predictor", `onnx:${CLASSIFIER}/model.onnx`, "--drain_seconds", "0"];
  const server = await startServe([...argv, ...flags], { cwd: ROOT, env: { ...env } });
  try {
    const [, path = "", body = ""] = /curl localhost:8080(\S+) -d '([^']+)'/.exec(README) ?? [];
    const printed = execFileSync("curl", ["--silent", `${server.url}${path}`, "-d", body], { encoding: "utf8" });
    const { predictions } = JSON.parse(printed) as { predictions: { label: string; score: number }[] };
    expect(predictions).toEqual([{ label: expected?.label, score: expect.closeTo(expected?.score ?? 0, 5) }]);
    const [, label, score] = /"label": "(\w+)", "score": ([\d.]+)/.exec(README) ?? [];
    expect({ label, score: Number(score) }).toEqual({
      label: expected?.label,
      score: expect.closeTo(expected?.score ?? 0, 4),
    });
  } finally {
    server.kill("SIGKILL");
  }
});
