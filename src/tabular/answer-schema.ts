import { z } from "zod";
import type { Answer, PipelineAnswer, PredictorUse } from "./answer.ts";

/** The member `predictor` of a specification. */
export const predictorSchema = (): z.ZodType<PredictorUse> =>
  z
    .strictObject({
      output: z.string().min(1).optional(),
      single_value: z.enum(["class", "probability"]).default("class"),
    })
    .prefault({});

/** The member `answer` of a specification. */
export const answerSchema = (): z.ZodType<Answer> => z.strictObject(answerShape());

/** The same where a regression has no classes. */
export const pipelineAnswerSchema = (): z.ZodType<PipelineAnswer> =>
  z.strictObject(answerShape()).partial({ classes: true });

const answerShape = () => ({
  name: z.string().min(1),
  classes: z.array(z.union([z.string(), z.number(), z.boolean()])).min(2),
  threshold: z.number().min(0).max(1).optional(),
});

/** A threshold beside another number of classes than two. */
export function thresholdFaults({
  classes,
  threshold,
}: Pick<PipelineAnswer, "classes" | "threshold">): { path: string[]; message: string }[] {
  if (threshold === undefined || classes?.length === 2) return [];
  const message = `a threshold decides between 2 classes, got ${classes?.length ?? "none"}`;
  return [{ path: ["answer", "threshold"], message }];
}
