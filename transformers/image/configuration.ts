import { InferenceError, type TransformerFactoryOptions } from "kserve-transformer";
import type { Resample, ScalingPreset } from "kserve-transformer/image";
import { kerasScaling } from "./keras-scaling.ts";

/** What the environment says, checked. */
export interface ImageConfiguration {
  readonly size: readonly [height: number, width: number];
  readonly scaling: ScalingPreset;
  readonly labels: readonly string[];
  readonly softmax: boolean;
  readonly resample: Resample;
  readonly inputName: string | undefined;
}

type Environment = TransformerFactoryOptions["env"];

const RESAMPLES: readonly Resample[] = ["nearest", "bilinear", "bicubic", "lanczos"];

/** @throws InferenceError that names the variable, what was expected, and what came. */
export function readConfiguration(env: Environment): ImageConfiguration {
  return {
    size: readSize(env),
    scaling: readScaling(env),
    labels: readLabels(env),
    softmax: readChoice(env, "MODEL_SOFTMAX", ["false", "true"]) === "true",
    resample: readChoice(env, "MODEL_RESAMPLE", RESAMPLES),
    inputName: env["MODEL_INPUT_NAME"] || undefined,
  };
}

function readSize(env: Environment): [height: number, width: number] {
  const [, height, width] = /^\s*(\d{1,5})\s*,\s*(\d{1,5})\s*$/.exec(env["MODEL_INPUT_SIZE"] ?? "") ?? [];
  const size: [number, number] = [Number(height), Number(width)];
  if (!(size[0] > 0 && size[1] > 0))
    throw unexpected(env, "MODEL_INPUT_SIZE", "height,width in pixels, such as 299,299");
  return size;
}

function readScaling(env: Environment): ScalingPreset {
  const scaling = kerasScaling(env["KERAS_MODEL_NAME"] ?? "");
  if (scaling === undefined) {
    throw unexpected(
      env,
      "KERAS_MODEL_NAME",
      "a model of keras.applications, such as xception, resnet50 or efficientnet",
    );
  }
  return scaling;
}

function readLabels(env: Environment): string[] {
  const labels = (env["MODEL_LABELS"] ?? "").split(",").map((label) => label.trim());
  if (labels.some((label, index) => label === "" || labels.indexOf(label) !== index)) {
    throw unexpected(env, "MODEL_LABELS", "names separated by commas, one an output of the model, none empty or twice");
  }
  return labels;
}

/** One of `choices`, the first by default. */
function readChoice<Choice extends string>(env: Environment, name: string, choices: readonly Choice[]): Choice {
  const [byDefault] = choices as readonly [Choice];
  const value = env[name] || byDefault;
  const choice = choices.find((candidate) => candidate === value.toLowerCase());
  if (choice === undefined) throw unexpected(env, name, `one of ${choices.join(", ")}`);
  return choice;
}

function unexpected(env: Environment, name: string, expected: string): InferenceError {
  const value = env[name];
  const got = value === undefined ? "it is not set" : `got '${value.slice(0, 100)}'`;
  return new InferenceError(`environment variable ${name}: expected ${expected}; ${got}`);
}
