import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InferenceError } from "../../errors.ts";
import type { PoolingOptions } from "../tasks/embeddings.ts";
import type { PaddingOptions } from "../tokenizer/padding.ts";
import { loadTokenizer, requireTokenId, type Tokenizer } from "../tokenizer/tokenizer.ts";
import { parseTokenizerJson } from "../tokenizer/tokenizer-json.ts";
import { parseModelConfig, type TextModelConfig } from "./model-config.ts";
import { assertNoPrompt, parseMaxSequence, parseModules, parsePooling } from "./sentence-transformers.ts";
import { parseTokenizerConfig, type TokenizerConfig } from "./tokenizer-config.ts";

/** What stands in a model's folder beside the weights. */
export interface TextModel extends TextModelConfig {
  readonly tokenizer: Tokenizer;
  readonly padding: PaddingOptions;
  readonly truncationSide: "right" | "left";
  /** Largest number of tokens that the model takes; undefined where no file says it. */
  readonly maxLength: number | undefined;
  readonly unknownToken: string | undefined;
  readonly chatTemplate: string | undefined;
  /** Of sentence-transformers; undefined where the folder has no modules.json. */
  readonly pooling: PoolingOptions | undefined;
}

/**
 * Reads config.json, tokenizer.json, tokenizer_config.json, and sentence-transformers' modules.json with what it names.
 * @throws InferenceError that names the file and the field which is missing, unknown or cannot be reproduced.
 */
export async function loadTextModel(folder: string): Promise<TextModel> {
  const modulesText = await readOptional(folder, "modules.json");
  const modules = modulesText === undefined ? undefined : parseModules(modulesText, "modules.json");
  const at = (name: string) => join(modules?.transformerPath ?? "", name);
  const [configText, tokenizerText, tokenizerConfigText] = await Promise.all([
    readRequired(folder, at("config.json")),
    readRequired(folder, at("tokenizer.json")),
    readOptional(folder, at("tokenizer_config.json")),
  ]);
  const config = parseModelConfig(configText, at("config.json"));
  const settings = parseTokenizerConfig(
    tokenizerConfigText ?? "{}",
    at("tokenizer_config.json"),
    parseTokenizerJson(tokenizerText, at("tokenizer.json")),
  );
  const tokenizer = await loadTokenizer(tokenizerText, at("tokenizer.json"));

  const sequenceText = await readOptional(folder, at("sentence_bert_config.json"));
  const promptText = await readOptional(folder, "config_sentence_transformers.json");
  if (promptText !== undefined) assertNoPrompt(promptText, "config_sentence_transformers.json");
  const limits = [
    sequenceText === undefined ? undefined : parseMaxSequence(sequenceText, at("sentence_bert_config.json")),
    settings.maxLength,
    config.maxPositions,
  ].filter((limit) => limit !== undefined);
  const poolingFile = modules && join(modules.poolingPath, "config.json");
  return {
    ...config,
    task: modules === undefined ? config.task : "embeddings",
    tokenizer,
    padding: paddingOf(settings, tokenizer),
    truncationSide: settings.truncationSide,
    maxLength: limits.length === 0 ? undefined : Math.min(...limits),
    unknownToken: settings.unknownToken,
    chatTemplate: settings.chatTemplate,
    pooling:
      modules === undefined || poolingFile === undefined
        ? undefined
        : { pooling: parsePooling(await readRequired(folder, poolingFile), poolingFile), normalize: modules.normalize },
  };
}

function paddingOf({ padToken, paddingSide }: TokenizerConfig, tokenizer: Tokenizer): PaddingOptions {
  const token = padToken ?? "[PAD]";
  return { token, id: requireTokenId(tokenizer, token), side: paddingSide };
}

async function readRequired(folder: string, name: string): Promise<string> {
  const text = await readOptional(folder, name);
  if (text === undefined)
    throw new InferenceError(`${join(folder, name)}: no such file; a text model's folder has one`);
  return text;
}

async function readOptional(folder: string, name: string): Promise<string | undefined> {
  return readFile(join(folder, name), "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw new InferenceError(`${join(folder, name)}: cannot be read (${cause.code})`, { cause });
  });
}
