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
      .strictObject(
        { question: z.string().min(1), context: z.string().min(1) },
        'expected {"question": …, "context": …}',
      )
      .transform(({ question, context }) => ({ text: question, pair: context }));
  }
  const takesPair = task === "sequence-classification";
  const text = z.string().transform((value) => ({ text: value, pair: undefined }));
  const row = takesPair
    ? z
        .strictObject({ text: z.string(), text_pair: z.string().optional() })
        .transform((value) => ({ text: value.text, pair: value.text_pair }))
    : z.strictObject({ text: z.string() }).transform((value) => ({ text: value.text, pair: undefined }));
  return z.union(
    [text, row],
    takesPair ? 'expected a text, {"text": …} or {"text": …, "text_pair": …}' : 'expected a text or {"text": …}',
  );
}
