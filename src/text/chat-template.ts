import { InferenceError, invalidArgument } from "../errors.ts";
import { importPeer } from "../import-peer.ts";
import type { JsonObject } from "../tensor/json-value.ts";

export interface ChatTemplate {
  /**
   * The prompt for a conversation. What the template reads goes by its name: `messages`, `add_generation_prompt`, `tools`,
   * `bos_token` and the other tokens.
   * @throws InferenceError invalid_argument when the template raises an exception, or does not get through.
   */
  render(variables: JsonObject): string;
}

/**
 * A chat template (Jinja) as Hugging Face's `apply_chat_template` renders it.
 * @throws InferenceError unimplemented with the install command when the package is missing, or when the template cannot be read.
 */
export async function loadChatTemplate(source: string): Promise<ChatTemplate> {
  const { Template } = await importPeer<typeof import("@huggingface/jinja")>(
    "@huggingface/jinja",
    "chat templates need a package that is not installed: npm install @huggingface/jinja",
  );
  const template = parse(() => new Template(source));
  return {
    render(variables) {
      try {
        return template.render({ ...variables });
      } catch (cause) {
        throw invalidArgument(`chat template: ${cause instanceof Error ? cause.message : "it failed"}`, cause);
      }
    },
  };
}

function parse<Value>(make: () => Value): Value {
  try {
    return make();
  } catch (cause) {
    const message = `the chat template cannot be read: ${cause instanceof Error ? cause.message : "it failed"}`;
    throw new InferenceError(message, { code: "unimplemented", cause });
  }
}
