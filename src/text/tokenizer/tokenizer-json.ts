import { z } from "zod";
import { readConfig } from "../read-config.ts";

/** A pattern of tokenizer.json: a text, or a regular expression as Oniguruma reads it. */
export type PatternConfig = { readonly String: string } | { readonly Regex: string };

export type SplitBehavior = "Removed" | "Isolated" | "MergedWithPrevious" | "MergedWithNext" | "Contiguous";

export type NormalizerConfig =
  | { readonly type: "Sequence"; readonly normalizers: readonly NormalizerConfig[] }
  | {
      readonly type: "BertNormalizer";
      readonly clean_text: boolean;
      readonly handle_chinese_chars: boolean;
      readonly strip_accents: boolean | null;
      readonly lowercase: boolean;
    }
  | { readonly type: "NFC" | "NFD" | "NFKC" | "NFKD" }
  | { readonly type: "Lowercase" | "StripAccents" | "Nmt" }
  | { readonly type: "Strip"; readonly strip_left: boolean; readonly strip_right: boolean }
  | { readonly type: "Replace"; readonly pattern: PatternConfig; readonly content: string }
  | { readonly type: "Prepend"; readonly prepend: string }
  | { readonly type: "Precompiled"; readonly precompiled_charsmap: string };

export type PreTokenizerConfig =
  | { readonly type: "Sequence"; readonly pretokenizers: readonly PreTokenizerConfig[] }
  | { readonly type: "BertPreTokenizer" | "Whitespace" | "WhitespaceSplit" }
  | { readonly type: "CharDelimiterSplit"; readonly delimiter: string }
  | { readonly type: "Punctuation"; readonly behavior: SplitBehavior }
  | { readonly type: "Digits"; readonly individual_digits: boolean }
  | {
      readonly type: "Metaspace";
      readonly replacement: string;
      readonly prepend_scheme: "always" | "first" | "never";
      readonly split: boolean;
    }
  | { readonly type: "ByteLevel"; readonly add_prefix_space: boolean; readonly use_regex: boolean }
  | {
      readonly type: "Split";
      readonly pattern: PatternConfig;
      readonly behavior: SplitBehavior;
      readonly invert: boolean;
    };

export type ModelConfig =
  | {
      readonly type: "WordPiece";
      readonly unk_token: string;
      readonly continuing_subword_prefix: string;
      readonly max_input_chars_per_word: number;
      readonly vocab: Readonly<Record<string, number>>;
    }
  | { readonly type: "WordLevel"; readonly unk_token: string; readonly vocab: Readonly<Record<string, number>> }
  | {
      readonly type: "BPE";
      readonly unk_token?: string | null | undefined;
      readonly end_of_word_suffix?: string | null | undefined;
      readonly fuse_unk: boolean;
      readonly byte_fallback: boolean;
      readonly ignore_merges: boolean;
      readonly vocab: Readonly<Record<string, number>>;
      readonly merges: readonly (string | readonly [string, string])[];
    }
  | { readonly type: "Unigram"; readonly unk_id: number; readonly vocab: readonly (readonly [string, number])[] };

export interface TemplatePiece {
  readonly SpecialToken?: { readonly id: string; readonly type_id: number };
  readonly Sequence?: { readonly id: "A" | "B"; readonly type_id: number };
}

export type PostProcessorConfig =
  | { readonly type: "Sequence"; readonly processors: readonly PostProcessorConfig[] }
  | { readonly type: "ByteLevel"; readonly add_prefix_space: boolean; readonly trim_offsets: boolean }
  | { readonly type: "BertProcessing"; readonly sep: [string, number]; readonly cls: [string, number] }
  | {
      readonly type: "RobertaProcessing";
      readonly sep: [string, number];
      readonly cls: [string, number];
      readonly trim_offsets: boolean;
      readonly add_prefix_space: boolean;
    }
  | {
      readonly type: "TemplateProcessing";
      readonly single: readonly TemplatePiece[];
      readonly pair: readonly TemplatePiece[];
      readonly special_tokens: Readonly<
        Record<string, { readonly ids: readonly number[]; readonly tokens: readonly string[] }>
      >;
    };

export interface AddedTokenConfig {
  readonly id: number;
  readonly content: string;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
}

/** What tokenizer.json says, as far as it can be reproduced. `truncation`, `padding` and `decoder` are not used. */
export interface TokenizerJson {
  readonly added_tokens: readonly AddedTokenConfig[];
  readonly normalizer: NormalizerConfig | null;
  readonly pre_tokenizer: PreTokenizerConfig | null;
  readonly post_processor: PostProcessorConfig | null;
  readonly model: ModelConfig;
}

/**
 * Reads a tokenizer.json (Hugging Face tokenizers, version 1.0).
 * @param file Name of the file, for messages.
 * @throws InferenceError unimplemented that names each construct that cannot be reproduced, each field that is not known.
 */
export function parseTokenizerJson(text: string, file: string): TokenizerJson {
  return readConfig(text, file, z.preprocess(withModelType, createSchema()));
}

/** Files of tokenizers before 0.13 have no `model.type`; the fields tell. */
function withModelType(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("model" in value)) return value;
  const { model } = value;
  if (typeof model !== "object" || model === null || "type" in model || !("vocab" in model)) return value;
  const type = Array.isArray(model.vocab)
    ? "Unigram"
    : "merges" in model
      ? "BPE"
      : "continuing_subword_prefix" in model
        ? "WordPiece"
        : "WordLevel";
  return { ...value, model: { type, ...model } };
}

function createSchema(): z.ZodType<TokenizerJson> {
  const pattern = z.union([
    z.strictObject({ String: z.string().min(1) }),
    z.strictObject({ Regex: z.string().min(1) }),
  ]);
  const behavior = z.enum(["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]);
  const typed = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
    z.strictObject({ type: z.literal(type), ...shape });

  const normalizer: z.ZodType<NormalizerConfig> = z.lazy(() =>
    z.discriminatedUnion("type", [
      typed("Sequence", { normalizers: z.array(normalizer) }),
      typed("BertNormalizer", {
        clean_text: z.boolean(),
        handle_chinese_chars: z.boolean(),
        strip_accents: z.boolean().nullable(),
        lowercase: z.boolean(),
      }),
      z.strictObject({ type: z.enum(["NFC", "NFD", "NFKC", "NFKD"]) }),
      z.strictObject({ type: z.enum(["Lowercase", "StripAccents", "Nmt"]) }),
      typed("Strip", { strip_left: z.boolean(), strip_right: z.boolean() }),
      typed("Replace", { pattern, content: z.string() }),
      typed("Prepend", { prepend: z.string() }),
      typed("Precompiled", { precompiled_charsmap: z.base64() }),
    ]),
  );
  // Metaspace: `add_prefix_space` and `str_rep` are how files before 0.15 said it.
  const metaspace = typed("Metaspace", {
    replacement: z.string(),
    prepend_scheme: z.enum(["always", "first", "never"]).optional(),
    split: z.boolean().default(true),
    add_prefix_space: z.boolean().optional(),
    str_rep: z.string().optional(),
  }).transform(({ add_prefix_space = true, prepend_scheme = "always", replacement, split, type }) => ({
    type,
    replacement,
    split,
    prepend_scheme: add_prefix_space ? prepend_scheme : ("never" as const),
  }));
  const preTokenizer: z.ZodType<PreTokenizerConfig> = z.lazy(() =>
    z.discriminatedUnion("type", [
      typed("Sequence", { pretokenizers: z.array(preTokenizer) }),
      z.strictObject({ type: z.enum(["BertPreTokenizer", "Whitespace", "WhitespaceSplit"]) }),
      typed("CharDelimiterSplit", { delimiter: z.string() }),
      typed("Punctuation", { behavior: behavior.default("Isolated") }),
      typed("Digits", { individual_digits: z.boolean() }),
      metaspace,
      typed("ByteLevel", {
        add_prefix_space: z.boolean(),
        trim_offsets: z.boolean().default(true),
        use_regex: z.boolean().default(true),
      }),
      typed("Split", { pattern, behavior, invert: z.boolean().default(false) }),
    ]),
  );
  const vocab = z.record(z.string(), z.number().int().nonnegative());
  const no = (what: string) => z.null(`${what} is not supported`).optional();
  const model = z.discriminatedUnion("type", [
    typed("WordPiece", {
      unk_token: z.string(),
      continuing_subword_prefix: z.string(),
      max_input_chars_per_word: z.number().int().positive().default(100),
      vocab,
    }),
    typed("WordLevel", { unk_token: z.string(), vocab }),
    typed("BPE", {
      dropout: no("dropout"),
      unk_token: z.string().nullish(),
      continuing_subword_prefix: z.literal("").nullish(),
      end_of_word_suffix: z.string().nullish(),
      fuse_unk: z.boolean().default(false),
      byte_fallback: z.boolean().default(false),
      ignore_merges: z.boolean().default(false),
      vocab,
      merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
    }),
    typed("Unigram", {
      unk_id: z.number().int().nonnegative(),
      byte_fallback: z.literal(false).optional(),
      vocab: z.array(z.tuple([z.string(), z.number()])),
    }),
  ]);
  const token = z.tuple([z.string(), z.number().int()]);
  const template = z.array(
    z.union([
      z.strictObject({ SpecialToken: z.strictObject({ id: z.string(), type_id: z.number().int() }) }),
      z.strictObject({ Sequence: z.strictObject({ id: z.enum(["A", "B"]), type_id: z.number().int() }) }),
    ]),
  );
  const postProcessor: z.ZodType<PostProcessorConfig> = z.lazy(() =>
    z.discriminatedUnion("type", [
      typed("Sequence", { processors: z.array(postProcessor) }),
      typed("ByteLevel", {
        add_prefix_space: z.boolean().default(true),
        trim_offsets: z.boolean().default(true),
        use_regex: z.boolean().optional(),
      }),
      typed("BertProcessing", { sep: token, cls: token }),
      typed("RobertaProcessing", {
        sep: token,
        cls: token,
        trim_offsets: z.boolean().default(true),
        add_prefix_space: z.boolean().default(true),
      }),
      typed("TemplateProcessing", {
        single: template,
        pair: template,
        special_tokens: z.record(
          z.string(),
          z.strictObject({ id: z.string(), ids: z.array(z.number().int()), tokens: z.array(z.string()) }),
        ),
      }),
    ]),
  );
  return z.strictObject({
    version: z.literal("1.0").optional(),
    truncation: z.unknown().optional(),
    padding: z.unknown().optional(),
    decoder: z.unknown().optional(),
    added_tokens: z
      .array(
        z.strictObject({
          id: z.number().int().nonnegative(),
          content: z.string().min(1),
          single_word: z.literal(false).default(false),
          lstrip: z.boolean().default(false),
          rstrip: z.boolean().default(false),
          normalized: z.boolean().default(true),
          special: z.boolean().default(false),
        }),
      )
      .default([]),
    normalizer: normalizer.nullable().default(null),
    pre_tokenizer: preTokenizer.nullable().default(null),
    post_processor: postProcessor.nullable().default(null),
    model,
  });
}
