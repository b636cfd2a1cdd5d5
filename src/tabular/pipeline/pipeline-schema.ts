import { z } from "zod";
import { pipelineAnswerSchema, predictorSchema, thresholdFaults } from "../answer-schema.ts";
import type { Path, ReportFault } from "../steps/step.ts";
import { createSteps, stepsSchema } from "../steps/steps.ts";
import { columnKinds } from "./pipeline-records.ts";
import type { PipelineSpecification } from "./pipeline-specification.ts";

/** Form of version 2 of the file, and what must agree: columns, steps, coefficients, classes. */
export function createPipelineSchema(): z.ZodType<PipelineSpecification> {
  const column = z.strictObject({ name: z.string().min(1), type: z.enum(["number", "text", "boolean"]) });
  const model = z.strictObject({
    coefficients: z.array(z.array(z.number()).min(1)).min(1),
    intercepts: z.array(z.number()).min(1),
    link: z.enum(["value", "label", "logistic", "softmax", "modified_huber"]),
  });
  const specification = z.strictObject({
    version: z.literal(2),
    columns: z.array(column).min(1),
    steps: stepsSchema(),
    model: model.optional(),
    predictor: predictorSchema(),
    answer: pipelineAnswerSchema(),
  });
  return specification.superRefine((value, context) => {
    const report = (path: Path, message: string): void => {
      context.addIssue({ code: "custom", path: [...path], message });
    };
    reportContradictions(value, report);
  });
}

function reportContradictions(specification: PipelineSpecification, report: ReportFault): void {
  const { columns, steps, model, answer } = specification;
  const names = columns.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) report(["columns", index, "name"], `'${name}' is there twice`);
  }
  const { outputs } = createSteps(steps, columnKinds(columns), (path, message) => report(["steps", ...path], message));
  const text = outputs.find(({ type }) => type === "text");
  if (text !== undefined)
    report(["steps"], `a vector has numbers only, the column '${text.name}' is text after the last step`);
  for (const { path, message } of thresholdFaults(answer)) report(path, message);
  if (model === undefined) return;

  const { coefficients, intercepts, link } = model;
  const wanted = link === "value" ? "no classes" : "classes";
  if ((link === "value") !== (answer.classes === undefined)) {
    report(["model", "link"], `'${link}' needs ${wanted} in the member 'answer'`);
  }
  if (link === "label" && answer.threshold !== undefined) {
    report(["answer", "threshold"], "a threshold needs probabilities, the model's link 'label' gives none");
  }
  const rows = answer.classes === undefined || answer.classes.length === 2 ? 1 : answer.classes.length;
  if (link === "softmax" && rows === 1) report(["model", "link"], "'softmax' is for more than 2 classes");
  if (coefficients.length !== rows)
    report(["model", "coefficients"], `expected ${rows} rows, got ${coefficients.length}`);
  if (intercepts.length !== rows) report(["model", "intercepts"], `expected ${rows} values, got ${intercepts.length}`);
  for (const [index, row] of coefficients.entries()) {
    if (row.length === outputs.length) continue;
    report(["model", "coefficients", index], `expected ${outputs.length} values, got ${row.length}`);
  }
}
