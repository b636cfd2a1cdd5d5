import { createRequire } from "node:module";
import type { ZodType, z as zod } from "zod";
import type { ImagePipelineSpecification, ResampleSpecification, TargetSize } from "./specification.ts";

/** The form of a pipeline; a member that is not known is a fault, with its name. */
export function createPipelineSchema(): ZodType<ImagePipelineSpecification> {
  // By require, at the first pipeline: 95 files that a service of pictures without a written pipeline never needs.
  const { z } = createRequire(import.meta.url)("zod") as typeof import("zod");
  return createForm(z).superRefine((value, context) => {
    for (const { path, message } of contradictions(value)) context.addIssue({ code: "custom", path, message });
  });
}

function createForm(z: typeof zod): ZodType<ImagePipelineSpecification> {
  const side = z.int().min(1).max(65_535);
  const size = z.tuple([side, side]).readonly();
  const channels = z.array(z.number()).min(1).max(3).readonly();
  const colour = z.array(z.int().min(0).max(255)).min(1).max(3).readonly();
  return z.strictObject({
    version: z.literal(1).default(1),
    decode: z
      .strictObject({
        mode: z.enum(["RGB", "L"]).default("RGB"),
        orientation: z.enum(["exif", "ignore"]).default("ignore"),
        decoder: z.enum(["pillow", "tensorflow"]).default("pillow"),
      })
      .prefault({}),
    steps: z
      .array(
        z.discriminatedUnion("step", [
          z.strictObject({ step: z.literal("resize"), to: createTarget(z), with: createResample(z) }),
          z.strictObject({
            step: z.literal("crop"),
            size,
            margin: z.enum(["floor", "half_even"]).default("floor"),
            gap: z.enum(["floor", "ceil"]).default("floor"),
            value: colour.default([0]),
          }),
          z.strictObject({
            step: z.literal("pad"),
            to: z.union([
              z.strictObject({ size }),
              z.strictObject({ square: z.literal(true) }),
              z.strictObject({ multiple: side }),
            ]),
            place: z.enum(["corner", "centre"]).default("corner"),
            value: colour.default([0]),
          }),
          z.strictObject({
            step: z.literal("letterbox"),
            size,
            fill: z.boolean().default(true),
            stride: side.default(32),
            enlarge: z.boolean().default(true),
            value: colour.default([114]),
          }),
          z.strictObject({ step: z.literal("flip_channels") }),
          z.strictObject({
            step: z.literal("rescale"),
            factor: z.number().default(1),
            divisor: z.number().default(1),
            offset: z.number().default(0),
            precision: z.enum(["float32", "float64"]).default("float32"),
          }),
          z.strictObject({ step: z.literal("normalize"), mean: channels, std: channels }),
        ]),
      )
      .readonly(),
    output: z
      .strictObject({
        layout: z.enum(["NHWC", "NCHW"]).default("NHWC"),
        datatype: z.enum(["FP32", "FP16", "UINT8"]).default("FP32"),
        batch: z
          .strictObject({ value: z.number().default(0), multiple: side.default(1), size: size.optional() })
          .optional(),
      })
      .prefault({}),
  });
}

function createTarget(z: typeof zod): ZodType<TargetSize> {
  const side = z.int().min(1).max(65_535);
  const size = z.tuple([side, side]).readonly();
  return z.discriminatedUnion("fit", [
    z.strictObject({ fit: z.literal("stretch"), size }),
    z.strictObject({ fit: z.literal("shorter_side"), side, longest: side.optional() }),
    z.strictObject({
      fit: z.literal("longer_side"),
      side,
      rounding: z.enum(["truncate", "half_even"]).default("truncate"),
    }),
    z.strictObject({ fit: z.literal("edges"), shortest: side, longest: side, multiple: side.optional() }),
    z.strictObject({
      fit: z.literal("within"),
      size,
      rounding: z.enum(["truncate", "half_even"]).default("truncate"),
    }),
    z.strictObject({ fit: z.literal("multiples"), size, multiple: side, proportions: z.boolean().default(true) }),
    z.strictObject({ fit: z.literal("cover"), size }),
    z.strictObject({ fit: z.literal("crop_percentage"), size, share: z.number().gt(0).lte(4) }),
    z.strictObject({ fit: z.literal("middle"), size }),
    z.strictObject({ fit: z.literal("thumbnail"), size }),
  ]);
}

function createResample(z: typeof zod): ZodType<ResampleSpecification> {
  return z.discriminatedUnion("backend", [
    z.strictObject({
      backend: z.literal("pillow"),
      resample: z.enum(["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]),
      pillow: z.union([z.literal(12), z.literal(13)]).default(13),
      reducing_gap: z.number().min(1).optional(),
    }),
    z.strictObject({
      backend: z.literal("tensorflow"),
      resample: z.enum(["nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5"]),
      antialias: z.boolean().default(false),
    }),
    z.strictObject({
      backend: z.literal("opencv"),
      resample: z.enum(["nearest", "linear", "cubic", "area", "lanczos4"]),
    }),
    z.strictObject({
      backend: z.literal("torch"),
      resample: z.enum(["nearest", "nearest-exact", "bilinear", "bicubic", "lanczos"]),
      antialias: z.boolean().default(true),
    }),
  ]);
}

interface Contradiction {
  readonly path: (string | number)[];
  readonly message: string;
}

/** What no member shows alone. */
function contradictions({ decode, steps, output }: ImagePipelineSpecification): Contradiction[] {
  const found: Contradiction[] = [];
  if (decode.decoder === "tensorflow" && decode.orientation === "exif") {
    found.push({ path: ["decode", "orientation"], message: "TensorFlow does not turn pictures: expected ignore" });
  }
  const channels = decode.mode === "L" ? 1 : 3;
  let valued: string | undefined;
  let floats: string | undefined;
  for (const [index, step] of steps.entries()) {
    const say = (message: string, ...path: string[]): void => {
      found.push({ path: ["steps", index, ...path], message });
    };
    const isValue = step.step === "rescale" || step.step === "normalize";
    if (isValue) valued = step.step;
    else if (valued !== undefined) say(`${step.step} after ${valued}: the steps that scale values come last`, "step");
    else if (floats !== undefined && step.step !== "crop" && step.step !== "flip_channels") {
      say(`${step.step} after a resize by tensorflow, whose values are no bytes any more`, "step");
    }
    if (step.step === "resize" && step.with.backend === "tensorflow" && step.with.resample !== "nearest")
      floats = "tensorflow";
    if (
      step.step === "resize" &&
      step.with.backend === "torch" &&
      step.with.resample === "lanczos" &&
      !step.with.antialias
    ) {
      say("torchvision has no lanczos without antialias", "with", "antialias");
    }
    if (step.step === "rescale" && step.divisor === 0) say("expected another number than 0", "divisor");
    for (const name of ["mean", "std", "value"] as const) {
      const list = (step as { readonly [key in typeof name]?: readonly number[] })[name];
      if (list === undefined || list.length === 1 || list.length === channels) continue;
      say(`expected 1 value or ${channels}, one a channel of ${decode.mode}, got ${list.length}`, name);
    }
    if (step.step === "normalize" && step.std.includes(0)) say("expected other numbers than 0", "std");
  }
  if (output.datatype === "UINT8" && (valued ?? floats) !== undefined) {
    found.push({ path: ["output", "datatype"], message: `UINT8 holds no values that ${valued ?? floats} made` });
  }
  return found;
}
