import type { TextTask } from "kserve-transformer/text";
import { z } from "zod";

/** A text as it is tokenized: for questions the question, with the context as its pair. */
export interface TextRow {
  readonly text: string;
  readonly pair: string | undefined;
}

/** `"a text"`, `{"text": …, "text_pair": …}`, and `{"question": …, "context": …}` for question answering. */
export function textRowSchema(task: TextTask): z.ZodType<TextRow> {
  if (task === "question-answering") {
    return z
      .strictObject({ question: z.string().min(1), context: z.string().min(1) })
      .transform(({ question, context }) => ({ text: question, pair: context }));
  }
  const text = z
    .string("expected a text, or an object with the field 'text'")
    .transform((value) => ({ text: value, pair: undefined }));
  if (task !== "sequence-classification") {
    return z.union([text, z.strictObject({ text: z.string() }).transform((row) => ({ ...row, pair: undefined }))]);
  }
  const pair = z.strictObject({ text: z.string(), text_pair: z.string().optional() });
  return z.union([text, pair.transform((row) => ({ text: row.text, pair: row.text_pair }))]);
}
