import { InferenceError, invalidArgument } from "../../errors.ts";
import { assertAddedIds, createAddedTokenSplitter } from "./added-tokens.ts";
import { type AlignedText, alignText } from "./aligned-text.ts";
import type { EncodedToken, EncodeOptions, Encoding } from "./encoding.ts";
import { createTokenModel, type TokenModel } from "./model.ts";
import { createNormalizer } from "./normalizer.ts";
import { createPostProcessor, type Segment } from "./post-processor.ts";
import { createPreTokenizer } from "./pre-tokenizer.ts";
import { type AddedTokenConfig, parseTokenizerJson, type TokenizerJson } from "./tokenizer-json.ts";
import { type EncodeContext, TokenizerThread } from "./tokenizer-thread.ts";
import { loadTokenizersLibrary, type TokenizersLibrary } from "./tokenizers-library.ts";
import { truncate } from "./truncation.ts";

export interface Tokenizer {
  /**
   * A text, or a pair, as tokens.
   * @throws InferenceError invalid_argument for a text with half a surrogate pair, and for truncation that cannot be done.
   */
  encode(text: string, options?: EncodeOptions): Encoding;
  /**
   * The same; a text of more than 2,000 characters in one of the context's threads, so that other requests go on meanwhile.
   * @throws InferenceError as `encode`; the signal's reason.
   */
  encodeInThread(text: string, options: EncodeOptions | undefined, context: EncodeContext): Promise<Encoding>;
  /** Number of a token; undefined when the vocabulary has none such. */
  tokenId(token: string): number | undefined;
  /** True when words go on in tokens with a mark of their own, such as `##`. */
  readonly marksContinuation: boolean;
}

/**
 * The tokenizer that a tokenizer.json describes; tokens, ids, offsets and types are those of Hugging Face's Rust library.
 * @param file Name of the file, for messages.
 * @throws InferenceError unimplemented that names what cannot be reproduced, or the package that is missing.
 */
export async function loadTokenizer(json: string, file = "tokenizer.json"): Promise<Tokenizer> {
  const tokenizer = createTokenizer(parseTokenizerJson(json, file), await loadTokenizersLibrary(), file);
  const thread = new TokenizerThread(json, file);
  return {
    ...tokenizer,
    encodeInThread: async (text, options = {}, context) =>
      thread.encode(text, options, context) ?? tokenizer.encode(text, options),
  };
}

type SequenceToken = Omit<EncodedToken, "typeId" | "sequence" | "attention">;

function createTokenizer(
  config: TokenizerJson,
  library: TokenizersLibrary,
  file: string,
): Omit<Tokenizer, "encodeInThread"> {
  const model = createTokenModel(config.model, library);
  assertAddedIds(config.added_tokens, model.vocabulary, file);
  const processor = createPostProcessor(config.post_processor);
  const tokenize = createPipeline(config, model, library);
  const added = new Map(config.added_tokens.map(({ content, id }) => [content, id]));

  const encode = (text: string, options: EncodeOptions = {}): Encoding => {
    const { pair, specialTokens = true, truncation } = options;
    const template = pair === undefined ? processor.single : processor.pair;
    const segments = specialTokens ? template : template.filter((segment) => "sequence" in segment);
    const special = segments.filter((segment) => !("sequence" in segment)).length;
    const { first, second } = truncate(
      tokenize(text),
      pair === undefined ? undefined : tokenize(pair),
      special,
      truncation,
    );
    const count = Math.max(first.length, second?.length ?? 1);
    const [encoding = { tokens: [], overflowing: [] }, ...overflowing] = Array.from({ length: count }, (_, index) => ({
      tokens: assemble(segments, [first[index] ?? first[0] ?? [], second?.[index] ?? second?.[0] ?? []]),
      overflowing: [] as readonly Encoding[],
    }));
    return { ...encoding, overflowing };
  };

  const assemble = (segments: readonly Segment[], texts: readonly (readonly SequenceToken[])[]): EncodedToken[] =>
    segments.flatMap((segment): EncodedToken[] => {
      if (!("sequence" in segment)) {
        return [{ ...segment, offsets: [0, 0], wordId: undefined, sequence: undefined, attention: 1 }];
      }
      const { sequence, typeId } = segment;
      const tokens = (texts[sequence] ?? []).map(
        (token): EncodedToken => ({ ...token, typeId, sequence, attention: 1 }),
      );
      return processor.trimOffsets === undefined ? tokens : processor.trimOffsets(tokens);
    });

  return {
    encode,
    tokenId: (token) => added.get(token) ?? model.vocabulary.get(token),
    marksContinuation: config.model.type === "WordPiece" && config.model.continuing_subword_prefix !== "",
  };
}

/** Added tokens, normalizer, pre-tokenizer and model, in the order of Hugging Face's Rust library. */
function createPipeline(
  config: TokenizerJson,
  model: TokenModel,
  library: TokenizersLibrary,
): (text: string) => SequenceToken[] {
  const normalize = createNormalizer(config.normalizer, library);
  const preTokenize = createPreTokenizer(config.pre_tokenizer, library);
  const isNormalized = ({ normalized }: AddedTokenConfig) => normalized;
  const cutRaw = createAddedTokenSplitter(
    config.added_tokens.filter((token) => !isNormalized(token)),
    ({ content }) => content,
  );
  const cutNormalized = createAddedTokenSplitter(config.added_tokens.filter(isNormalized), ({ content }) =>
    normalize(alignText(content)).chars.join(""),
  );

  return (text) => {
    if (/\p{Surrogate}/u.test(text)) throw invalidArgument("text: half of a surrogate pair is not a character");
    const tokens: SequenceToken[] = [];
    let wordId = 0;
    const addToken = (token: string, id: number, { starts, ends }: AlignedText, from: number, to: number) => {
      tokens.push({ token, id, wordId, offsets: [starts[from] ?? 0, ends[to - 1] ?? 0] });
    };
    for (const raw of cutRaw(alignText(text))) {
      const sections = raw.added === undefined ? cutNormalized(normalize(raw.text)) : [raw];
      for (const { text: section, added } of sections) {
        if (added !== undefined) {
          // Its text may have white space at its ends, which `lstrip` and `rstrip` take in.
          addToken(section.chars.join(""), added.id, section, 0, section.chars.length);
          wordId++;
          continue;
        }
        for (const piece of preTokenize(section)) {
          for (const { token, id, from, to } of model.tokenize(piece.chars)) addToken(token, id, piece, from, to);
          wordId++;
        }
      }
    }
    return tokens;
  };
}

/** @throws InferenceError invalid_argument when the vocabulary has no such token. */
export function requireTokenId(tokenizer: Tokenizer, token: string): number {
  const id = tokenizer.tokenId(token);
  if (id === undefined)
    throw new InferenceError(
      `tokenizer.json: the vocabulary has no token ${JSON.stringify(token)}, which padding needs`,
    );
  return id;
}
