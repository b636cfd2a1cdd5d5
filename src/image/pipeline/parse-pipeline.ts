import { invalidArgument } from "../../errors.ts";
import { createPipelineSchema } from "./schema.ts";
import type { ImagePipelineInput, ImagePipelineSpecification } from "./specification.ts";

/**
 * Checks a pipeline and fills in its defaults.
 * @param name What it is called in messages.
 * @throws InferenceError invalid_argument with one line for each fault: `pipeline: steps[0].with.resample: …`.
 */
export function parseImagePipeline(value: ImagePipelineInput | unknown, name = "pipeline"): ImagePipelineSpecification {
  const result = createPipelineSchema().safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw invalidArgument(
    result.error.issues.map(({ path, message }) => `${name}: ${formatPath(path)}${message}`).join("\n"),
  );
}

function formatPath(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return text === "" ? "" : `${text.replace(/^\./, "")}: `;
}
