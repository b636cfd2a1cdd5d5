import { z } from "zod";
import { InferenceError } from "../../errors.ts";
import { readConfig } from "../read-config.ts";
import type { PoolingOptions } from "../tasks/embeddings.ts";

export interface SentenceModules {
  /** Folder of the transformer's and of the pooling's files, relative to the model's. */
  readonly transformerPath: string;
  readonly poolingPath: string;
  readonly normalize: boolean;
}

/**
 * Reads modules.json of sentence-transformers: Transformer, Pooling, and perhaps Normalize.
 * @throws InferenceError unimplemented that names another module.
 */
export function parseModules(text: string, file: string): SentenceModules {
  const modules = readConfig(
    text,
    file,
    z.array(
      z.strictObject({
        idx: z.number(),
        name: z.string(),
        path: z.string(),
        type: z.string(),
        kwargs: z.unknown().optional(),
      }),
    ),
  );
  const kinds = modules.map(({ type }) => type.split(".").at(-1) ?? type);
  const expected = ["Transformer", "Pooling", "Normalize"].slice(0, Math.max(2, kinds.length));
  if (kinds.join() !== expected.join()) {
    const message = `${file}: modules ${kinds.join(", ")}; expected Transformer, Pooling and perhaps Normalize`;
    throw new InferenceError(message, { code: "unimplemented" });
  }
  const [transformer, pooling] = modules;
  return {
    transformerPath: transformer?.path ?? "",
    poolingPath: pooling?.path ?? "",
    normalize: kinds.length === 3,
  };
}

const MODES: Readonly<Record<string, PoolingOptions["pooling"]>> = {
  pooling_mode_cls_token: "cls",
  pooling_mode_mean_tokens: "mean",
  pooling_mode_max_tokens: "max",
};

/**
 * Reads the pooling's config.json of sentence-transformers.
 * @throws InferenceError unimplemented for a way of pooling that is not cls, mean or max, and for several at once.
 */
export function parsePooling(text: string, file: string): PoolingOptions["pooling"] {
  const config = readConfig(
    text,
    file,
    z.strictObject({
      word_embedding_dimension: z.number().optional(),
      embedding_dimension: z.number().optional(),
      include_prompt: z.literal(true).optional(),
      pooling_mode: z.enum(["cls", "mean", "max"]).optional(),
      pooling_mode_cls_token: z.boolean().optional(),
      pooling_mode_mean_tokens: z.boolean().optional(),
      pooling_mode_max_tokens: z.boolean().optional(),
      pooling_mode_mean_sqrt_len_tokens: z.literal(false).optional(),
      pooling_mode_weightedmean_tokens: z.literal(false).optional(),
      pooling_mode_lasttoken: z.literal(false).optional(),
    }),
  );
  if (config.pooling_mode !== undefined) return config.pooling_mode;
  const modes = Object.entries(MODES).filter(([name]) => (config as Readonly<Record<string, unknown>>)[name] === true);
  const [mode, ...others] = modes;
  if (mode === undefined || others.length > 0) {
    const message = `${file}: expected one of cls, mean and max, got ${modes.map(([name]) => name).join(", ") || "none"}`;
    throw new InferenceError(message, { code: "unimplemented" });
  }
  return mode[1];
}

/** sentence_bert_config.json: the largest number of tokens. */
export function parseMaxSequence(text: string, file: string): number | undefined {
  const config = readConfig(
    text,
    file,
    z.strictObject({
      max_seq_length: z.number().int().positive().nullish(),
      do_lower_case: z.literal(false).optional(),
    }),
  );
  return config.max_seq_length ?? undefined;
}

/** config_sentence_transformers.json: a prompt that every text would get is refused. */
export function assertNoPrompt(text: string, file: string): void {
  readConfig(text, file, z.looseObject({ default_prompt_name: z.null().optional() }));
}
