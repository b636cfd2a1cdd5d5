import { z } from "zod";
import { InferenceError } from "../../errors.ts";
import { readConfig } from "../read-config.ts";
import type { TokenizerJson } from "../tokenizer/tokenizer-json.ts";

/** What tokenizer_config.json says that matters when text becomes tokens. */
export interface TokenizerConfig {
  /** Largest number of tokens; undefined where the file has none, or transformers' "very large" number. */
  readonly maxLength: number | undefined;
  readonly padToken: string | undefined;
  readonly unknownToken: string | undefined;
  readonly paddingSide: "right" | "left";
  readonly truncationSide: "right" | "left";
  readonly chatTemplate: string | undefined;
}

/**
 * Reads a tokenizer_config.json and compares it with the tokenizer.json beside it.
 * @throws InferenceError unimplemented that names each field that is not known, and each that tokenizer.json contradicts.
 */
export function parseTokenizerConfig(text: string, file: string, tokenizer: TokenizerJson): TokenizerConfig {
  const config = readConfig(text, file, createSchema());
  const contradicted = contradictions(config, tokenizer);
  if (contradicted.length > 0) {
    throw new InferenceError(contradicted.map((fault) => `${file}: ${fault}`).join("\n"), { code: "unimplemented" });
  }
  const { model_max_length: maxLength } = config;
  return {
    maxLength: maxLength !== undefined && maxLength < 1e9 ? maxLength : undefined,
    padToken: contentOf(config.pad_token),
    unknownToken: contentOf(config.unk_token),
    paddingSide: config.padding_side ?? "right",
    truncationSide: config.truncation_side ?? "right",
    chatTemplate: config.chat_template ?? undefined,
  };
}

function createSchema() {
  const token = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish();
  const flag = z.boolean().nullish();
  const anything = z.unknown().optional();
  return z.strictObject({
    model_max_length: z.number().positive().optional(),
    padding_side: z.enum(["right", "left"]).optional(),
    truncation_side: z.enum(["right", "left"]).optional(),
    chat_template: z.string().nullish(),
    pad_token: token,
    unk_token: token,
    bos_token: token,
    eos_token: token,
    sep_token: token,
    cls_token: token,
    mask_token: token,
    do_lower_case: flag,
    do_lowercase: flag,
    strip_accents: flag,
    tokenize_chinese_chars: flag,
    add_prefix_space: flag,
    add_bos_token: flag,
    add_eos_token: flag,
    split_special_tokens: z.literal(false).nullish(),
    never_split: z.array(z.never()).nullish(),
    // Nothing of these changes what becomes of a text: tokenizer.json has it already, or it is about the way back.
    added_tokens_decoder: anything,
    additional_special_tokens: anything,
    extra_special_tokens: anything,
    backend: anything,
    clean_up_tokenization_spaces: anything,
    do_basic_tokenize: anything,
    errors: anything,
    is_local: anything,
    keep_accents: anything,
    legacy: anything,
    local_files_only: anything,
    max_length: anything,
    mask_padding: anything,
    model_input_names: anything,
    model_specific_special_tokens: anything,
    name_or_path: anything,
    pad_to_multiple_of: anything,
    pad_token_type_id: anything,
    processor_class: anything,
    remove_space: anything,
    sp_model_kwargs: anything,
    spaces_between_special_tokens: anything,
    special_tokens_map_file: anything,
    stride: anything,
    tokenizer_class: anything,
    tokenizer_file: anything,
    trim_offsets: anything,
    truncation_strategy: anything,
    unk_token_id: anything,
    use_default_system_prompt: anything,
    use_fast: anything,
    vocab_file: anything,
    merges_file: anything,
    wordpieces_prefix: anything,
  });
}

type Fields = z.infer<ReturnType<typeof createSchema>>;

function contentOf(token: Fields["pad_token"]): string | undefined {
  return (typeof token === "string" ? token : token?.content) ?? undefined;
}

/** Fields that transformers puts over what tokenizer.json says; they have to agree. */
function contradictions(config: Fields, { normalizer, pre_tokenizer, post_processor }: TokenizerJson): string[] {
  const faults: string[] = [];
  const compare = (name: keyof Fields & string, wanted: unknown, has: unknown) => {
    if (wanted !== undefined && wanted !== has) {
      faults.push(`${name}: ${JSON.stringify(wanted)} is not what tokenizer.json says (${JSON.stringify(has)})`);
    }
  };
  if (normalizer?.type === "BertNormalizer") {
    compare("do_lower_case", config.do_lower_case ?? undefined, normalizer.lowercase);
    compare("strip_accents", config.strip_accents, normalizer.strip_accents);
    compare("tokenize_chinese_chars", config.tokenize_chinese_chars ?? undefined, normalizer.handle_chinese_chars);
  }
  if (pre_tokenizer?.type === "ByteLevel") {
    compare("add_prefix_space", config.add_prefix_space ?? false, pre_tokenizer.add_prefix_space);
  }
  const templates = post_processor?.type === "Sequence" ? post_processor.processors : [post_processor];
  const template = templates.find((processor) => processor?.type === "TemplateProcessing");
  const ends = template?.type === "TemplateProcessing" ? [template.single[0], template.single.at(-1)] : [];
  const [hasFirst, hasLast] = [ends[0]?.SpecialToken !== undefined, ends[1]?.SpecialToken !== undefined];
  if (config.add_bos_token === true) compare("add_bos_token", true, hasFirst);
  if (config.add_eos_token === true) compare("add_eos_token", true, hasLast);
  return faults;
}
