import { stat } from "node:fs/promises";
import { InferenceError, type TransformerFactoryOptions } from "kserve-transformer";
import {
  type AggregationStrategy,
  loadTextModel,
  type PoolingOptions,
  type TextModel,
  type TextTask,
} from "kserve-transformer/text";

/** What the folder and the environment say, checked. */
export interface TextConfiguration {
  readonly model: TextModel;
  /** Largest number of tokens of a text, or of a window; undefined where nothing bounds it. */
  readonly maxLength: number | undefined;
  /** Most characters of a text, its pair included: all of it is made into tokens before any are cut. */
  readonly maxCharacters: number;
  /** Most tokens of a request, its padding included: one long text makes all others as long. */
  readonly maxTokens: number;
  /** Whether longer texts are cut; else they are refused. */
  readonly truncates: boolean;
  readonly top: number;
  readonly aggregation: AggregationStrategy;
  readonly handleImpossible: boolean;
  readonly pooling: PoolingOptions;
}

type Environment = TransformerFactoryOptions["env"];

/** Some thousand words; a character takes microseconds, and a thread is busy meanwhile. */
const MAX_CHARACTERS = 50_000;

/** A thousand texts of 500 tokens. */
const MAX_TOKENS = 500_000;

/** Windows over a context: at most so many tokens, half of which, but at most 128, are in the next one too. */
const ANSWER_WINDOW = 384;

/** @throws InferenceError that names the variable or the file, what was expected, and what came. */
export async function readConfiguration(env: Environment): Promise<TextConfiguration> {
  const folder = env["TEXT_MODEL_FOLDER"];
  if (folder === undefined || folder === "") {
    throw new InferenceError("TEXT_MODEL_FOLDER is not set: it names the folder with config.json and tokenizer.json");
  }
  if ((await stat(folder).catch(() => undefined))?.isDirectory() !== true) {
    throw unexpected(env, "TEXT_MODEL_FOLDER", "a model's folder");
  }
  const model = await loadTextModel(folder);
  refuseIdle(env, model.task);
  const longest = readCount(env, "TEXT_MAX_LENGTH") ?? model.maxLength;
  if (longest !== undefined && model.maxLength !== undefined && longest > model.maxLength) {
    throw unexpected(env, "TEXT_MAX_LENGTH", `at most ${model.maxLength}, which is what the model takes`);
  }
  const isAnswer = model.task === "question-answering";
  const cuts = readChoice(env, "TEXT_TRUNCATION", model.task === "embeddings" ? ["true", "false"] : ["false", "true"]);
  return {
    model,
    maxLength: isAnswer ? Math.min(longest ?? ANSWER_WINDOW, ANSWER_WINDOW) : longest,
    maxCharacters: readCount(env, "TEXT_MAX_CHARACTERS") ?? MAX_CHARACTERS,
    maxTokens: readCount(env, "TEXT_MAX_TOKENS") ?? MAX_TOKENS,
    truncates: isAnswer || cuts === "true",
    top: readCount(env, "TEXT_TOP_K") ?? 1,
    aggregation: readChoice(env, "TEXT_AGGREGATION", ["simple", "none", "first", "average", "max"]),
    handleImpossible: readChoice(env, "TEXT_HANDLE_IMPOSSIBLE", ["false", "true"]) === "true",
    pooling: readPooling(env, model),
  };
}

/** Variables that say something of models of these tasks alone. */
const TASKS_OF: readonly (readonly [name: string, tasks: readonly TextTask[]])[] = [
  ["TEXT_TOP_K", ["sequence-classification", "question-answering"]],
  ["TEXT_AGGREGATION", ["token-classification"]],
  ["TEXT_HANDLE_IMPOSSIBLE", ["question-answering"]],
  ["TEXT_POOLING", ["embeddings"]],
  ["TEXT_NORMALIZE", ["embeddings"]],
];

function refuseIdle(env: Environment, task: TextTask): void {
  const [name] = TASKS_OF.find(([name, tasks]) => env[name] && !tasks.includes(task)) ?? [];
  if (name !== undefined) throw unexpected(env, name, `none, since the model's task is ${task}`);
}

/** The folder's own, which the environment may say otherwise; a model alone is pooled by the mean. */
function readPooling(env: Environment, { pooling: own }: TextModel): PoolingOptions {
  const pooling = readChoice(env, "TEXT_POOLING", moveFirst(["mean", "cls", "max"], own?.pooling));
  const normalize = readChoice(env, "TEXT_NORMALIZE", moveFirst(["false", "true"], own && String(own.normalize)));
  return { pooling, normalize: normalize === "true" };
}

function moveFirst<const Choice extends string>(choices: readonly Choice[], first: string | undefined): Choice[] {
  return [...choices].sort((one, other) => Number(other === first) - Number(one === first));
}

/** One of `choices`, the first by default. */
function readChoice<Choice extends string>(env: Environment, name: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === (env[name] || choices[0]));
  if (choice === undefined) throw unexpected(env, name, `one of ${choices.join(", ")}`);
  return choice;
}

function readCount(env: Environment, name: string): number | undefined {
  const value = env[name];
  if (value === undefined || value === "") return undefined;
  if (!/^[1-9]\d{0,8}$/.test(value)) throw unexpected(env, name, "a whole number from 1 to 999999999");
  return Number(value);
}

function unexpected(env: Environment, name: string, expected: string): InferenceError {
  return new InferenceError(`environment variable ${name}: expected ${expected}; got '${env[name]?.slice(0, 100)}'`);
}
