import { InferenceError, type TransformerFactoryOptions } from "kserve-transformer";
import { kerasMode, type Resample, type ScalingPreset } from "kserve-transformer/image";

/** What the environment says of a Keras classifier, checked. */
export interface KerasConfiguration {
  readonly size: readonly [height: number, width: number];
  readonly scaling: ScalingPreset;
  readonly labels: readonly string[];
  readonly softmax: boolean;
  readonly resample: Resample;
}

export type Environment = TransformerFactoryOptions["env"];

/** Variables that only a model's folder gives a meaning. */
const OF_FOLDERS = ["IMAGE_BACKEND", "IMAGE_TOP_K", "IMAGE_SCORE_THRESHOLD", "IMAGE_IOU_THRESHOLD", "IMAGE_MASKS"];
/** Variables in whose place a folder's files stand. */
export const OF_KERAS: readonly string[] = ["MODEL_INPUT_SIZE", "KERAS_MODEL_NAME", "MODEL_SOFTMAX", "MODEL_RESAMPLE"];

const RESAMPLES: readonly Resample[] = ["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"];

/** @throws InferenceError that names the variable, what was expected, and what came. */
export function readKerasConfiguration(env: Environment): KerasConfiguration {
  refuseSet(env, OF_FOLDERS, "IMAGE_MODEL_FOLDER is not set");
  return {
    size: readSize(env),
    scaling: readScaling(env),
    labels: readLabels(env),
    softmax: readChoice(env, "MODEL_SOFTMAX", ["false", "true"]) === "true",
    resample: readChoice(env, "MODEL_RESAMPLE", RESAMPLES),
  };
}

function readSize(env: Environment): [height: number, width: number] {
  const [, height, width] = /^\s*(\d{1,5})\s*,\s*(\d{1,5})\s*$/.exec(env["MODEL_INPUT_SIZE"] ?? "") ?? [];
  const size: [number, number] = [Number(height), Number(width)];
  if (!(size[0] > 0 && size[1] > 0)) {
    const other = env["MODEL_INPUT_SIZE"] ? "" : ", or IMAGE_MODEL_FOLDER with a model's folder";
    throw unexpected(env, "MODEL_INPUT_SIZE", `height,width in pixels, such as 299,299${other}`);
  }
  return size;
}

function readScaling(env: Environment): ScalingPreset {
  const scaling = kerasMode(env["KERAS_MODEL_NAME"] ?? "");
  if (scaling === undefined) {
    throw unexpected(
      env,
      "KERAS_MODEL_NAME",
      "a model of keras.applications, such as xception, resnet50 or efficientnet",
    );
  }
  return scaling;
}

export function readLabels(env: Environment): string[] {
  const labels = (env["MODEL_LABELS"] ?? "").split(",").map((label) => label.trim());
  if (labels.some((label, index) => label === "" || labels.indexOf(label) !== index)) {
    throw unexpected(env, "MODEL_LABELS", "names separated by commas, one an output of the model, none empty or twice");
  }
  return labels;
}

/** One of `choices`, the first by default. */
export function readChoice<Choice extends string>(env: Environment, name: string, choices: readonly Choice[]): Choice {
  const [byDefault] = choices as readonly [Choice];
  const value = env[name] || byDefault;
  const choice = choices.find((candidate) => candidate === value.toLowerCase());
  if (choice === undefined) throw unexpected(env, name, `one of ${choices.join(", ")}`);
  return choice;
}

/** A number from 0 to 1; undefined where the variable is not set. */
export function readShare(env: Environment, name: string): number | undefined {
  const value = env[name];
  if (value === undefined || value === "") return undefined;
  const share = /^\d*\.?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(share >= 0 && share <= 1)) throw unexpected(env, name, "a number from 0 to 1");
  return share;
}

/** @throws InferenceError that names the first of these variables that is set, where it would have no effect. */
export function refuseSet(env: Environment, names: readonly string[], why: string): void {
  const idle = names.find((name) => env[name]);
  if (idle !== undefined) throw unexpected(env, idle, `none, since ${why}`);
}

export function unexpected(env: Environment, name: string, expected: string): InferenceError {
  const value = env[name];
  const got = value === undefined ? "it is not set" : `got '${value.slice(0, 100)}'`;
  return new InferenceError(`environment variable ${name}: expected ${expected}; ${got}`);
}
